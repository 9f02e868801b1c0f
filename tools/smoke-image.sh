#!/bin/sh
# Starts an image as a runner starts the action, on a small repository: tools/smoke-image.sh IMAGE CLUSTER
# The review has to name the API server that vouches, and the workspace stays as it was.
set -eu
image=$1
cluster=$2

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/smoke-XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/workspace" "$folder/temp"
cd "$folder/workspace"
git init --quiet --initial-branch=main
git config user.name smoke
git config user.email smoke@example.com
git commit --quiet --allow-empty --message base
cat > web.yaml <<'MANIFEST'
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      securityContext:
        allowPrivilegeEscalation: true  # an old habit
MANIFEST
git add .
git commit --quiet --message head

docker run --rm --workdir /github/workspace \
  --volume /var/run/docker.sock:/var/run/docker.sock \
  --volume "$folder/workspace:/github/workspace" --volume "$folder/temp:/github/runner_temp" \
  --env GITHUB_ACTIONS=true --env HOME=/github/home --env RUNNER_TEMP=/github/runner_temp \
  --env INPUT_BASE=HEAD~1 --env INPUT_DRY-RUN=true --env INPUT_FORMAT=payload --env "INPUT_CLUSTER=$cluster" \
  "$image" > "$folder/review.json"
cat "$folder/review.json"
grep -q "allowPrivilegeEscalation: false  # an old habit" "$folder/review.json"
grep -Eq "Kubernetes 1\.[0-9]+\.[0-9]+ \($cluster\) accepted it" "$folder/review.json"
test -z "$(git status --porcelain)"
test -z "$(find . ! -user "$(id -u)")"

docker run --rm --entrypoint /opt/k8s-auto-fix/bin/k8s-auto-fix-post \
  --volume "$folder/temp:/github/runner_temp" --env RUNNER_TEMP=/github/runner_temp "$image"
test -z "$(ls -A "$folder/temp")"
