#!/bin/sh
# Writes requirements/*.txt from pyproject.toml. Versions already locked stay, unless: make lock UPGRADE=--upgrade
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/uv"
"$folder/uv/bin/pip" install --quiet --disable-pip-version-check uv

compile() {
  output=$1
  shift
  "$folder/uv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
    --no-emit-index-url --custom-compile-command "make lock" ${UPGRADE:-} "$@" --output-file "$output"
}
compile requirements/run.txt pyproject.toml
compile requirements/dev.txt pyproject.toml --group dev
compile requirements/build.txt --group build
