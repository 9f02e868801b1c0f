# Each target makes what it needs first. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test detect propose verify schedule e2e fixtures kind-up check format golden docs compare bench schemas github-api cluster-binaries kyverno lock setup image-test clean

BIN := .venv/bin
STAMP := .venv/.stamp
ARGS ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## fix a shipped example and review a shipped pull request, in copies
	@$(BIN)/python tools/demo.py

test: $(STAMP) ## every test; ARGS="-k name" for some
	@$(BIN)/python tools/apiserver/build.py --optional
	@$(BIN)/python tools/kyverno/build.py --optional
	@$(BIN)/python -m pytest $(ARGS)

check: $(STAMP) ## ruff, mypy, import contracts, the action and its workflows
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "not formatted: make format" >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@tools/quiet.sh $(BIN)/lint-imports --no-logo
	@tools/check-actions.sh

format: $(STAMP) ## format the code, and mend what ruff can
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format --quiet

golden: $(STAMP) ## rewrite the expected files of the tests; then read the diff
	@$(BIN)/python -m pytest --update-goldens $(ARGS)

docs: $(STAMP) ## write the pages that are made from policies: docs/policies, docs/coverage.md
	@$(BIN)/python -m tools.docs

compare: $(STAMP) ## ask Checkov as a witness, and write docs/compare-checkov.md; ARGS=--again for everything anew
	@$(BIN)/python -m tools.compare $(ARGS)

# The four stages: IN is where to look, DATA where the files between them go.
IN ?= examples/stages/manifests
DATA ?= data
STAGE = $(BIN)/k8s-auto-fix

detect: $(STAMP) ## stage 1: findings of IN=PATH to DATA=data
	@$(STAGE) detect $(ARGS) --in $(IN) --out $(DATA)/detections.json

propose: $(STAMP) ## stage 2: a patch for each finding
	@$(STAGE) propose $(ARGS) --detections $(DATA)/detections.json --out $(DATA)/patches.json

verify: $(STAMP) ## stage 3: a verdict on each patch; ARGS="--cluster kind" for a server's
	@$(STAGE) verify $(ARGS) --patches $(DATA)/patches.json --detections $(DATA)/detections.json --out $(DATA)/verified.json

schedule: $(STAMP) ## stage 4: the order of the accepted fixes
	@$(STAGE) schedule --verified $(DATA)/verified.json --out $(DATA)/schedule.json

e2e: ## all four stages on the sample manifests, or IN=PATH
	@$(MAKE) --no-print-directory detect
	@$(MAKE) --no-print-directory propose
	@$(MAKE) --no-print-directory verify
	@$(MAKE) --no-print-directory schedule

fixtures: $(STAMP) ## write what the stages make of the sample manifests: examples/stages/expected
	@$(BIN)/python tools/fixtures.py

kind-up: ## a kind cluster for `--cluster kind`, ready, with kubectl's context set
	@tools/kind-up.sh

bench: $(STAMP) ## speed and memory, side by side with Checkov and kube-score
	@$(BIN)/python -m bench $(ARGS)

cluster-binaries: $(STAMP) ## kube-apiserver, etcd, kubectl for the tests (built once, with Go)
	@$(BIN)/python tools/apiserver/build.py

kyverno: $(STAMP) ## Kyverno's command line for the tests (built once, with Go)
	@$(BIN)/python tools/kyverno/build.py

image-test: $(STAMP) ## build the action's image with buildah and try it (root, Debian)
	@$(BIN)/python tools/image_test.py $(ARGS)

schemas: $(STAMP) ## make the bundle of Kubernetes' schemas anew
	@$(BIN)/python tools/make_schemas.py

github-api: $(STAMP) ## make the extracts of GitHub's descriptions anew, for the fake GitHub of the tests
	@$(BIN)/python tools/make_github_api.py

lock: ## write requirements/*.txt from pyproject.toml; UPGRADE=--upgrade for newer versions
	@tools/lock.sh

setup: $(STAMP) ## make .venv from the lock

clean: ## remove what make made
	@rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(STAMP): requirements/dev.txt pyproject.toml tools/setup.sh
	@tools/setup.sh
	@touch $@
