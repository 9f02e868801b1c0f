# Each target makes what it needs first. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test check format golden docs compare bench schemas github-api cluster-binaries lock setup image-test clean

BIN := .venv/bin
STAMP := .venv/.stamp
ARGS ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## fix a shipped example and review a shipped pull request, in copies
	@$(BIN)/python tools/demo.py

test: $(STAMP) ## every test; ARGS="-k name" for some
	@$(BIN)/python tools/apiserver/build.py --optional
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

bench: $(STAMP) ## speed and memory, side by side with Checkov and kube-score
	@$(BIN)/python -m bench $(ARGS)

cluster-binaries: $(STAMP) ## kube-apiserver, etcd, kubectl for the tests (built once, with Go)
	@$(BIN)/python tools/apiserver/build.py

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
