#!/bin/sh
# Makes .venv from the lock. Called by make; says in one line what is missing.
set -eu

usable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' >/dev/null 2>&1; }

python=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
  if usable "$candidate"; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "setup: needs Python 3.11 to 3.14 on the PATH (or: make PYTHON=/path/to/python3)" >&2
  exit 2
fi

if ! usable .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    echo "setup: $python has no venv module; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2
    exit 2
  fi
  echo "Making .venv with $("$python" --version) (once) ..." >&2
  rm -rf .venv
  "$python" -m venv .venv
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1
.venv/bin/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
