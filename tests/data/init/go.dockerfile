# shop: built with Go; shipped without shell and package manager.
#
#   docker build -t shop:0.1.0 .
#   buildah bud --format docker -t shop:0.1.0 .    (the OCI format has no health check)
#   --build-arg REVISION=$(git rev-parse HEAD)    for the label
#
# Tags move. A build that is to give the same image again names its images by digest:
#   --build-arg BUILDER=golang:1.25-bookworm --build-arg BASE=gcr.io/distroless/static-debian12:nonroot
# each with '@sha256:...' behind it, which `skopeo inspect --format '{{.Digest}}' docker://IMAGE` tells.
ARG BUILDER=golang:1.25-bookworm
ARG BASE=gcr.io/distroless/static-debian12:nonroot

# What builds it. Of this stage nothing ships but what it leaves below /out.
# barehull: allow pinned-image -- who builds gives the digest, see above
FROM ${BUILDER} AS build

# The health probe for the machine that this is built for.
COPY barehull/ /barehull/
RUN install -D -m 0755 "/barehull/healthcheck-$(dpkg --print-architecture)" /out/app/healthcheck

# The toolchain is this image's, whatever go.mod wishes for.
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
WORKDIR /src
# The modules alone: they are fetched anew when go.mod or go.sum change.
COPY go.mod go.sum* ./
RUN go mod download

COPY . .
RUN go build -trimpath -buildvcs=false -ldflags='-s -w' -o /out/app/shop ./cmd/shop

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

ENV PORT="8080"
EXPOSE 8080
# A number: a platform that is told to run nothing as root can't tell it of a name.
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 CMD ["/app/healthcheck", "ready", "/health"]
# Without a shell nothing is expanded here: $NAME would stay as it is.
ENTRYPOINT ["/app/shop"]
CMD ["serve"]
