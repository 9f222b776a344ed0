# shop: built with CMake; shipped without shell and package manager.
#
#   docker build -t shop:0.1.0 .
#   buildah bud --format docker -t shop:0.1.0 .
#   --build-arg REVISION=$(git rev-parse HEAD)    for the label
#
# Tags move. A build that is to give the same image again names its images by digest:
#   --build-arg BUILDER=debian:12-slim --build-arg BASE=gcr.io/distroless/cc-debian12:nonroot
# each with '@sha256:...' behind it, which `skopeo inspect --format '{{.Digest}}' docker://IMAGE` tells.
# barehull: allow healthcheck-present -- it listens at no port; it runs, or it has ended
ARG BUILDER=debian:12-slim
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

# What builds it. Of this stage nothing ships but what it leaves below /out.
# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${BUILDER} AS build

# Before the sources, so that a change of them installs nothing anew.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        cmake \
        g++ \
        make \
        pkg-config \
        libpq5 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY . .
# For a build that has none of its own.
ENV CFLAGS="-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2" \
    CXXFLAGS="-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2" \
    LDFLAGS="-Wl,-z,relro,-z,now"
RUN cmake -S . -B build -DCMAKE_BUILD_TYPE=Release \
    && cmake --build build --parallel "$(nproc)"
RUN install -D -s -m 0755 build/shop /out/app/shop

# Shared libraries that the base does not have, and the records that tell scanners of them. Those of the C library
# have to be the base's: they go with its loader.
RUN set -eu; \
    lib="/out/usr/lib/$(uname -m)-linux-gnu"; \
    mkdir -p "$lib" /out/var/lib/dpkg/status.d; \
    ldd /out/app/* >/tmp/needed || :; \
    if grep 'not found' /tmp/needed; then exit 1; fi; \
    for library in $(dpkg-query --listfiles libpq5 \
            | grep -E '^(/usr)?/lib/[^/]+/lib[^/]*\.so(\.[0-9]+)?$'); do \
        echo "$(basename "$library") => $library"; \
        ldd "$library"; \
    done >>/tmp/needed; \
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

# A number: a platform that is told to run nothing as root can't tell it of a name.
USER 65532:65532
# Without a shell nothing is expanded here: $NAME would stay as it is.
ENTRYPOINT ["/app/shop"]
