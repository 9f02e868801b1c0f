# The image of the action: bot, git, docker client, kind, kube-apiserver and etcd. `make image-test` builds it.
#
# Every image it is made of is an argument: a release puts digests there, the tests local ones. GitHub's rules hold: no
# USER (files of the runner belong to root or to others), no WORKDIR (it is the workspace), an entry point without a shell
# (a shell loses variables such as INPUT_MAX-COMMENTS).
ARG PYTHON=docker.io/library/python:3.14.6-slim-trixie
ARG GO=docker.io/library/golang:1.27.1-trixie
ARG DOCKER=docker.io/library/docker:29.6.2-cli
# The two that tools/apiserver/go.mod pins.
ARG APISERVER=registry.k8s.io/kube-apiserver:v1.36.3
ARG ETCD=registry.k8s.io/etcd:3.6.8-0

FROM ${DOCKER} AS docker
FROM ${APISERVER} AS apiserver
FROM ${ETCD} AS etcd

FROM --platform=${BUILDPLATFORM} ${GO} AS kind
# The version that .github/workflows/e2e.yml tests, and whose node images bot/adapters/cluster/kind.py names.
ARG KIND=v0.33.0
ARG TARGETARCH
WORKDIR /build
RUN go mod init build \
 && go get "sigs.k8s.io/kind@${KIND}" \
 && CGO_ENABLED=0 GOOS=linux GOARCH="${TARGETARCH}" go build -trimpath -ldflags "-s -w" -o kind sigs.k8s.io/kind

FROM ${PYTHON} AS base
# libstdc++ is what the CEL package links to. A base that has git stays as it is: so the tests need no package mirror.
RUN command -v git >/dev/null \
 || { apt-get update && apt-get install -y --no-install-recommends ca-certificates git libstdc++6 && rm -rf /var/lib/apt/lists/*; }
# Nothing is written beside the sources when the bot runs, and the official image comes without bytecode.
RUN python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))' \
  | xargs python -m compileall -q -j 0 --invalidation-mode unchecked-hash -x '/(tests?|idlelib|site-packages|tkinter|turtledemo)/'

FROM base AS bot
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements/build.txt requirements/run.txt /source/requirements/
RUN python -m venv /build \
 && /build/bin/python -m pip install --quiet --require-hashes --requirement /source/requirements/build.txt \
 && python -m venv --without-pip /opt/k8s-auto-fix \
 && python -m pip --python /opt/k8s-auto-fix/bin/python install --quiet --no-compile --only-binary :all: \
      --require-hashes --requirement /source/requirements/run.txt
COPY pyproject.toml README.md LICENSE /source/
COPY policies /source/policies
COPY bot /source/bot
# `-IB` on the console scripts: no module of the workspace, and no variable of the workflow, gets into them.
RUN /build/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels /source \
 && python -m pip --python /opt/k8s-auto-fix/bin/python install --quiet --no-compile --no-deps /wheels/*.whl \
 && sed -i '1s|python[0-9.]*$|python -IB|' /opt/k8s-auto-fix/bin/k8s-auto-fix /opt/k8s-auto-fix/bin/k8s-auto-fix-post \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/k8s-auto-fix/lib

FROM base
LABEL org.opencontainers.image.title="k8s-auto-fix" \
      org.opencontainers.image.description="Reviews Kubernetes manifests in pull requests" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=docker /usr/local/bin/docker /usr/local/bin/
COPY --from=kind /build/kind /usr/local/bin/
COPY --from=apiserver /usr/local/bin/kube-apiserver /opt/kubernetes/
COPY --from=etcd /usr/local/bin/etcd /opt/kubernetes/
COPY --from=bot /opt/k8s-auto-fix /opt/k8s-auto-fix
ENV KUBEBUILDER_ASSETS=/opt/kubernetes
ENTRYPOINT ["/opt/k8s-auto-fix/bin/python", "-IB", "-m", "bot", "review"]
