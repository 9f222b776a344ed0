# shop: built with Cargo; shipped without shell and package manager.
#
#   docker build -t shop:0.1.0 .
#   buildah bud --format docker -t shop:0.1.0 .    (the OCI format has no health check)
#   --build-arg REVISION=$(git rev-parse HEAD)    for the label
#
# Tags move. A build that is to give the same image again names its images by digest:
#   --build-arg BUILDER=rust:1.88-slim-bookworm --build-arg BASE=gcr.io/distroless/static-debian12:nonroot
# each with '@sha256:...' behind it, which `skopeo inspect --format '{{.Digest}}' docker://IMAGE` tells.
ARG BUILDER=rust:1.88-slim-bookworm
ARG BASE=gcr.io/distroless/static-debian12:nonroot

# What builds it. Of this stage nothing ships but what it leaves below /out.
# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${BUILDER} AS build

WORKDIR /src
# The crates alone: they are fetched anew when Cargo.toml or Cargo.lock change. Of a workspace the members are not
# here yet, and its crates are fetched with the build.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
    && touch src/main.rs src/lib.rs \
    && { cargo fetch --locked || echo 'the crates are fetched with the build'; } \
    && rm -r src

COPY . .
# With a target of its own the flag is for the program alone, not for what runs while it is built.
RUN target=$(rustc -vV | sed -n 's/^host: //p') \
    && RUSTFLAGS='-C target-feature=+crt-static' \
        cargo build --locked --release --target "$target" --bin shop \
    && install -D -s -m 0755 "target/$target/release/shop" /out/app/shop

# The base has no C library.
RUN if ldd /out/app/shop 2>/dev/null | grep '=>'; then echo 'it is not linked statically' >&2; exit 1; fi

# What ships.
# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="shop" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.source="unknown"

COPY --from=build /out/app/ /app/

EXPOSE 8080
# A number: a platform that is told to run nothing as root can't tell it of a name.
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 CMD ["/app/shop", "--check"]
# Without a shell nothing is expanded here: $NAME would stay as it is.
ENTRYPOINT ["/app/shop"]
