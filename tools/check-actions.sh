#!/bin/sh
# Checks action.yml, the workflows and those of examples/: schemas, actionlint, zizmor. Says nothing when all is well.
set -eu

actionlint_version=v1.7.12
bin=.venv/bin
actionlint=$bin/actionlint-$actionlint_version

# Built once. Without Go, or a network, a developer can go on; CI must not.
if [ ! -x "$actionlint" ]; then
  if ! command -v go >/dev/null; then
    problem="Go is missing (https://go.dev/dl)"
  elif problem=$(GOBIN="$PWD/$bin" GOFLAGS= go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint_version" 2>&1); then
    mv "$bin/actionlint" "$actionlint"
  fi
  if [ ! -x "$actionlint" ]; then
    [ "${CI:-}" = true ] && verdict="cannot be built" || verdict="left out"
    printf 'actionlint %s: %s\n' "$verdict" "$(printf '%s' "$problem" | tail -n 1)" >&2
    [ "${CI:-}" != true ] || exit 1
  fi
fi

workflows=$(ls .github/workflows/*.yml examples/*/workflow*.yml)
# No file name here holds a space: the lists are split on purpose.
# shellcheck disable=SC2086
{
  tools/quiet.sh "$bin/check-jsonschema" --builtin-schema vendor.github-actions action.yml full/action.yml
  tools/quiet.sh "$bin/check-jsonschema" --builtin-schema vendor.github-workflows $workflows
  # Whether shellcheck and pyflakes are installed must make no difference. The post entry point is a file of the image, and
  # actionlint looks for it in the repository: that is ignored.
  [ ! -x "$actionlint" ] || tools/quiet.sh "$actionlint" -shellcheck= -pyflakes= \
    -ignore 'k8s-auto-fix-post" does not exist in .* "post-entrypoint" key' $workflows
  tools/quiet.sh "$bin/zizmor" --offline --no-progress --strict-collection --config .github/zizmor.yml \
    action.yml full/action.yml $workflows
}
