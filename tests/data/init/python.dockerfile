# shop: installed with uv from uv.lock; shipped without shell and package manager.
#
#   docker build -t shop:0.1.0 .
#   buildah bud --format docker -t shop:0.1.0 .    (the OCI format has no health check)
#   --build-arg REVISION=$(git rev-parse HEAD)    for the label
#
# Tags move. A build that is to give the same image again names its images by digest:
#   --build-arg BUILDER=python:3.12-slim-bookworm --build-arg BASE=gcr.io/distroless/cc-debian12:nonroot
# each with '@sha256:...' behind it, which `skopeo inspect --format '{{.Digest}}' docker://IMAGE` tells.
ARG BUILDER=python:3.12-slim-bookworm
ARG UV=ghcr.io/astral-sh/uv:0.10.8
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${UV} AS uv

# What installs it. Of this stage nothing ships but what is copied from it below.
# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${BUILDER} AS build
COPY --from=uv /uv /bin/
# The environment is made for the interpreter that ships, in the place where it will be.
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PROJECT_ENVIRONMENT=/app/.venv \
    UV_PYTHON=/usr/local/bin/python3.12 \
    UV_PYTHON_DOWNLOADS=never

# The health probe for the machine that this is built for.
COPY barehull/ /barehull/
RUN install -D -m 0755 "/barehull/healthcheck-$(dpkg --print-architecture)" /out/app/healthcheck

WORKDIR /src
# What is required alone: it is installed anew when pyproject.toml or uv.lock change.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project

COPY . .
RUN uv sync --locked --no-dev --no-editable
# The interpreter and its standard library, without what installs packages, draws windows or tests. The
# bytecode is made here: at run time nothing can be written.
RUN set -eu; \
    mkdir -p /out/usr/local/bin /out/usr/local/lib; \
    cp /usr/local/bin/python3.12 /out/usr/local/bin/; \
    cp -R /usr/local/lib/python3.12 /out/usr/local/lib/; \
    find /usr/local/lib -maxdepth 1 -name 'libpython*.so*' -exec cp -P {} /out/usr/local/lib/ \;; \
    cd /out/usr/local/lib/python3.12; \
    rm -rf config-* ensurepip idlelib lib2to3 site-packages test tkinter turtle.py turtledemo lib-dynload/_tkinter*; \
    mkdir site-packages; \
    python3.12 -m compileall -q -j 0 --invalidation-mode unchecked-hash -s /out -p / .; \
    python3.12 -m compileall -q -j 0 --invalidation-mode unchecked-hash -s /src -p /app /src; \
    rm -rf /src/barehull

# Shared libraries that the base does not have, and the records that tell scanners of them. Those of the C library
# have to be the base's: they go with its loader.
RUN set -eu; \
    lib="/out/usr/lib/$(uname -m)-linux-gnu"; \
    mkdir -p "$lib" /out/var/lib/dpkg/status.d; \
    ldd $(find /out/usr/local /app/.venv -type f \( -name '*.so' -o -name '*.so.*' -o -name 'python3.*' \)) >/tmp/needed || :; \
    if grep 'not found' /tmp/needed; then echo 'they may be missed'; fi; \
    while read -r name arrow path address; do \
        if [ "$arrow" != '=>' ] || [ ! -f "$path" ]; then continue; fi; \
        case $name in \
        ld-*|libc.so.*|libm.so.*|libmvec.so.*|libdl.so.*|librt.so.*|libpthread.so.*|libresolv.so.*) continue ;; \
        libssl.so.3|libcrypto.so.3) continue ;; \
        libgcc_s.so.*|libstdc++.so.*|libgomp.so.*) continue ;; \
        esac; \
        case $path in /usr/local/*|/app/*|/out/*) continue ;; esac; \
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
# The interpreter, what is installed, and the sources: the one that changes most comes last.
COPY --from=build /out/usr/local/ /usr/local/
COPY --from=build /out/app/ /app/
COPY --from=build /app/.venv/ /app/.venv/
COPY --from=build /src/ /app/
WORKDIR /app

ENV PYTHONUNBUFFERED="1" \
    PYTHONDONTWRITEBYTECODE="1" \
    UVICORN_HOST="0.0.0.0" \
    UVICORN_PORT="8000"
EXPOSE 8000
# A number: a platform that is told to run nothing as root can't tell it of a name.
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 CMD ["/app/healthcheck", "ready", "http://127.0.0.1:8000/health"]
# Without a shell nothing is expanded here: $NAME would stay as it is.
ENTRYPOINT ["/app/.venv/bin/python", "-m", "uvicorn", "shop.main:app"]
