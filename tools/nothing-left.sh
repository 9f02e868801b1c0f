#!/bin/sh
# Whether a run with kind left something behind; its watchdog may need a moment. For the workflow e2e.
set -eu
left() {
  kind get clusters 2>/dev/null
  docker ps --all --format '{{.Names}}' --filter label=io.x-k8s.kind.cluster
  find "${RUNNER_TEMP:-/tmp}" -maxdepth 1 -name 'k8s-auto-fix-*'
}
tries=${TRIES:-120}
while [ -n "$(left)" ] && [ "$tries" -gt 0 ]; do
  tries=$((tries - 1))
  sleep 1
done
if [ -n "$(left)" ]; then
  echo "left behind:" >&2
  left >&2
  exit 1
fi
echo "nothing is left behind"
