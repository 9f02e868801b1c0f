#!/bin/sh
# Starts a kind cluster, waits until it is ready, and points kubectl at it. Once it runs, running it again does nothing.
set -eu

NAME=${KIND_CLUSTER:-k8s-auto-fix}
WAIT=${KIND_WAIT:-180s}

for tool in kind kubectl; do
  command -v "$tool" >/dev/null || { echo "kind-up: needs $tool on the PATH" >&2; exit 2; }
done
if ! kind get clusters 2>/dev/null | grep -qx "$NAME"; then
  kind create cluster --name "$NAME" --wait "$WAIT"
fi
kind export kubeconfig --name "$NAME" >/dev/null 2>&1 # sets the context, also for a cluster of an earlier run
kubectl config use-context "kind-$NAME" >/dev/null
kubectl wait --for=condition=Ready node --all --timeout "$WAIT" >/dev/null
echo "kind-up: the cluster is ready, and the context is kind-$NAME; k8s-auto-fix verify --cluster kubeconfig uses it"
