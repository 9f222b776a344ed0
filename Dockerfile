# SPDX-License-Identifier: Apache-2.0
#
# The service alone (docs/service.md): two static programs on distroless, compiled and tested here.
#
#   docker build -t barehull:0.1.0 .
#   buildah bud --format docker -t barehull:0.1.0 .          (the OCI format has no health check)
#
#   --platform linux/arm64        for arm64, cross-compiled: BuildKit and buildah
#   --build-arg ARCH=arm64        the same for the classic builder, which has no platform of its own in a build
#   --build-arg TESTS=none        without the unit tests
#   --build-arg REVISION=$(git rev-parse HEAD) --build-arg SOURCE=URL      for the labels
#
# Tags move. A build that is to give the same image again names both bases by what they were:
#   --build-arg BASE=gcr.io/distroless/static-debian12:nonroot@sha256:...  --build-arg BUILDER=debian:12@sha256:...
# `skopeo inspect --format '{{.Digest}}' docker://gcr.io/distroless/static-debian12:nonroot` tells the digest of today.
ARG BUILDER=debian:12
ARG BASE=gcr.io/distroless/static-debian12:nonroot

# For the classic builder and old buildah, where BUILDPLATFORM and TARGETPLATFORM are empty in FROM (and an empty
# --platform is an error). Without values, and under names of their own: a default given to BUILDPLATFORM or TARGETARCH
# would hide what BuildKit sets. On a machine that is no amd64 the classic builder wants both: BUILD=linux/arm64 ARCH=arm64
# (old buildah: BUILD, and --platform linux/arm64).
ARG BUILD
ARG ARCH

# barehull: allow pinned-image -- who builds gives the digest, see above
FROM --platform=${BUILDPLATFORM:-${BUILD:-linux/amd64}} ${BUILDER} AS builder
ARG TARGETARCH
ARG ARCH
# Stands before the sources, so that a change of them installs nothing anew. The other machine's compiler is always
# there: the service carries the probes of both. Of the C library for it the archive's own is taken, since the one
# beside the cross compiler has no security updates (tools/cross).
RUN set -eu; \
    arch=${TARGETARCH:-${ARCH:-amd64}}; \
    native=$(dpkg --print-architecture); \
    if [ "$arch" != "${ARCH:-$arch}" ]; then \
        echo "ARCH=$ARCH, and the platform is linux/$arch: this builder wants --platform linux/$ARCH" >&2; exit 1; \
    fi; \
    case $native in \
    amd64) other=gcc-aarch64-linux-gnu headers=libc6-dev-arm64-cross ;; \
    *) other=gcc-x86-64-linux-gnu headers=libc6-dev-amd64-cross ;; \
    esac; \
    set -- gcc "$other" libc6-dev libcmocka-dev libdeflate-dev libyaml-dev meson ninja-build pkg-config; \
    if [ "$arch" = "$native" ]; then \
        set -- "$@" "$headers"; \
    else \
        dpkg --add-architecture "$arch"; \
        set -- "$@" "libc6-dev:$arch" "libdeflate-dev:$arch" "libyaml-dev:$arch"; \
    fi; \
    apt-get update; \
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"; \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*; \
    echo "$arch" >/etc/barehull-arch

WORKDIR /src
COPY . .
ARG TESTS=unit
RUN tools/build-server "$(cat /etc/barehull-arch)" /out "$TESTS"

# barehull: allow pinned-image -- who builds gives the digest, see above
FROM --platform=${TARGETPLATFORM:-linux/${ARCH:-amd64}} ${BASE}
ARG SOURCE
ARG REVISION
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="barehull" \
    org.opencontainers.image.description="Checks Dockerfiles, Compose files and Kubernetes manifests by one standard: REST and MCP" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.source="$SOURCE" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.version="$VERSION"
COPY --from=builder /out/barehull /out/healthcheck /app/
# Inside a container loopback is nobody's. Which web pages may call is the operator's to say: without ALLOWED_ORIGINS
# the service refuses to start.
ENV HOST=0.0.0.0 PORT=8080
EXPOSE 8080
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/app/healthcheck"]
ENTRYPOINT ["/app/barehull", "serve"]
