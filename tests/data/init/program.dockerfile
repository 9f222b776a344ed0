# shop: a program that is compiled already; shipped without shell and package manager.
#
#   docker build -t shop:0.1.0 .
#   buildah bud --format docker -t shop:0.1.0 .    (the OCI format has no health check)
#   --build-arg REVISION=$(git rev-parse HEAD)    for the label
#
# Tags move. A build that is to give the same image again names its images by digest:
#   --build-arg BUILDER=debian:12-slim --build-arg BASE=gcr.io/distroless/cc-debian12:nonroot
# each with '@sha256:...' behind it, which `skopeo inspect --format '{{.Digest}}' docker://IMAGE` tells.
ARG BUILDER=debian:12-slim
ARG PROBE=example.org/barehull:0.1.0
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${PROBE} AS probe

# What builds it. Of this stage nothing ships but what it leaves below /out.
# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${BUILDER} AS build

COPY dist/shop /tmp/program
RUN install -D -m 0755 /tmp/program /out/app/shop

# Shared libraries that the base does not have, and the records that tell scanners of them. Those of the C library
# have to be the base's: they go with its loader.
RUN set -eu; \
    lib="/out/usr/lib/$(uname -m)-linux-gnu"; \
    mkdir -p "$lib" /out/var/lib/dpkg/status.d; \
    ldd /out/app/* >/tmp/needed || :; \
    if grep 'not found' /tmp/needed; then exit 1; fi; \
    while read -r name arrow path address; do \
        if [ "$arrow" != '=>' ] || [ ! -f "$path" ]; then continue; fi; \
        case $name in \
        ld-*|libc.so.*|libm.so.*|libmvec.so.*|libdl.so.*|librt.so.*|libpthread.so.*|libresolv.so.*) continue ;; \
        libssl.so.3|libcrypto.so.3) continue ;; \
        libgcc_s.so.*|libstdc++.so.*|libgomp.so.*) continue ;; \
        esac; \
        cp -L "$path" "$lib/$name"; \
        package=$(dpkg-query --search "*/$(basename "$(realpath "$path")")" 2>/dev/null | head -n 1 | cut -d : -f 1); \
        if [ -n "$package" ]; then \
            dpkg-query --status "$package" >"/out/var/lib/dpkg/status.d/$package"; \
        fi; \
    done </tmp/needed

# What ships.
# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="shop" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.source="unknown"

# The libraries that it needs, with their records.
COPY --from=build /out/usr/lib/ /usr/lib/
COPY --from=build /out/var/lib/dpkg/status.d/ /var/lib/dpkg/status.d/
COPY --from=build /out/app/ /app/
COPY --from=probe /app/healthcheck /app/healthcheck

EXPOSE 8080
# A number: a platform that is told to run nothing as root can't tell it of a name.
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 CMD ["/app/healthcheck", "ready", "http://127.0.0.1:8080/health"]
# Without a shell nothing is expanded here: $NAME would stay as it is.
ENTRYPOINT ["/app/shop"]
