# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/builder.sh - what a Dockerfile of ours needs when nothing outside can be reached: Debian 12 for its builder, an
# archive on loopback for apt-get in it, and gcr.io/distroless/static-debian12 that barehull made.
# Needs tests/lib/{check,process,barehull,mirror}.sh and `barehull_begin`.

# What builders install; dependencies follow. The system itself comes from the same archive.
BUILDER_PACKAGES='?essential usr-is-merged apt ca-certificates gcc gcc-aarch64-linux-gnu libc6-dev
    libc6-dev-arm64-cross libcmocka-dev libdeflate-dev libyaml-dev meson ninja-build pkg-config'
BUILDER_PACKAGES_ARM64='libc6-dev libdeflate-dev libyaml-dev'

# builder_begin [arm64]: serves the archives, the one to compile for arm64 only when asked; BUILDER_TAR is the root of
# Debian 12, BUILDER_SOURCES its sources.list.
builder_begin() {
    need mmdebstrap
    mkdir -p "$TEST_CACHE"
    BUILDER_SOURCES=$SCRATCH/builder.list
    : >"$BUILDER_SOURCES"
    builder_archive amd64 "$BUILDER_PACKAGES"
    [ -z "${1:-}" ] || builder_archive "$1" "$BUILDER_PACKAGES_ARM64"
    BUILDER_TAR=$TEST_CACHE/debian-bookworm-amd64.tar
    check "the root of Debian 12 is made" builder_root || check_finish
}

# The archives and who asks them meet where BUILDER_IN, a command that runs others, puts them: here, if it is not set.
builder_archive() {
    local root="$TEST_CACHE/builder-$1" port="$SCRATCH/builder-$1.port"
    check "the archive of a builder's packages for $1 is made" builder_archive_make "$1" "$root" "$2" || check_finish
    # shellcheck disable=SC2086 # words
    process_start "builder-$1" ${BUILDER_IN:-} "$TESTS/mirror/serve" "$root" --port-file "$port"
    wait_until 10 test -s "$port" || check_fail "the archive serves" "$(cat "$SCRATCH/builder-$1.log")"
    echo "deb [arch=$1 trusted=yes] http://127.0.0.1:$(cat "$port")/debian bookworm main" >>"$BUILDER_SOURCES"
}

# builder_archive_make ARCHITECTURE DIR PACKAGES. Made anew when other packages are asked for; one at a time.
builder_archive_make() {
    [ "$3" != "$(cat "$2/packages" 2>/dev/null)" ] || return 0
    (
        flock 9
        [ "$3" != "$(cat "$2/packages" 2>/dev/null)" ] || exit 0
        mirror_download "$1" "$3" bookworm builder || exit 1
        rm -rf "$2" "$2.new"
        "$TESTS/mirror/make-mirror" new "$2.new" --architecture "$1" --debs "$TEST_CACHE/$MIRROR_ARCHIVES" &&
            printf '%s\n' "$3" >"$2.new/packages" && mv "$2.new" "$2"
    ) 9>"$TEST_CACHE/builder.lock"
}

# As debian:12 is, from the archive on loopback. Unless it is there: half a minute.
builder_root() {
    ! builder_root_is_there || return 0
    (
        flock 9
        ! builder_root_is_there || exit 0
        # shellcheck disable=SC2016,SC2086 # mmdebstrap's own $1; words
        ${BUILDER_IN:-} mmdebstrap --quiet --variant=apt --mode=root --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
            --architectures=amd64 --include=usr-is-merged --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
            --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
            --dpkgopt='path-exclude=/usr/share/doc/*' \
            --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/etc/apt/sources.list.d/*' \
            bookworm "$BUILDER_TAR.new.tar" "$BUILDER_SOURCES" && mv "$BUILDER_TAR.new.tar" "$BUILDER_TAR"
    ) 9>"$TEST_CACHE/builder.lock"
}

builder_root_is_there() {
    [ -n "$(find "$BUILDER_TAR" -newer "$TEST_CACHE/builder-amd64/packages" 2>/dev/null)" ]
}

builder_static() {
    builder_distroless static "$@"
}

# builder_distroless BASE ARCHITECTURE PROBE: gcr.io/distroless/BASE-debian12:nonroot as upstream has it, without any
# program, as the layout $SCRATCH/BASE-ARCHITECTURE with the tag "nonroot". PROBE, a program for that machine, is taken off
# again.
builder_distroless() {
    local layout="$SCRATCH/$1-$2" manifest config arguments="$MIRROR_ARGS"
    mirror_begin "$2"
    check "$1-debian12 for $2 is made" build "$3" --base "$1" --arch "$2" -t "$1-debian12:nonroot" -o "oci:$layout"
    MIRROR_ARGS=$arguments
    manifest=$(jq -r '.manifests[0].digest' "$layout/index.json")
    config=$(jq -r .config.digest "$layout/blobs/sha256/${manifest#sha256:}")
    jq -c 'del(.config.Entrypoint, .config.Cmd, .config.Labels) | .rootfs.diff_ids |= .[:-1] | .history |= .[:-1]' \
        "$layout/blobs/sha256/${config#sha256:}" >"$layout/config.new"
    config=$(builder_blob "$layout" config.new)
    jq -c --argjson config "$config" '.layers |= .[:-1] | .config += $config' \
        "$layout/blobs/sha256/${manifest#sha256:}" >"$layout/manifest.new"
    manifest=$(builder_blob "$layout" manifest.new)
    jq -c --argjson manifest "$manifest" '.manifests |= [.[0] + $manifest]
        | .manifests[0].annotations["org.opencontainers.image.ref.name"] = "nonroot"' "$layout/index.json" >"$layout/index.new"
    mv "$layout/index.new" "$layout/index.json"
}

# builder_blob LAYOUT FILE: moves it to where its digest is; {"digest", "size"}.
builder_blob() {
    local digest size
    digest=$(sha256sum <"$1/$2" | cut -d ' ' -f 1)
    size=$(stat -c %s "$1/$2")
    mv "$1/$2" "$1/blobs/sha256/$digest"
    echo "{\"digest\": \"sha256:$digest\", \"size\": $size}"
}

# --- buildah, with storage of the test's own ------------------------------------------------------------------------

buildah_begin() {
    BUILDAH_RUN=$(mktemp -d /run/barehull-buildah.XXXXXX)
    at_exit "rm -rf --one-file-system $BUILDAH_RUN"
    at_exit "umount '$SCRATCH/buildah/overlay' 2>/dev/null"
    BUILDAH_STORE="overlay@$SCRATCH/buildah+$BUILDAH_RUN"
}

bud() {
    # shellcheck disable=SC2086 # words
    TMPDIR=$SCRATCH ${BUILDER_IN:-} buildah --root "$SCRATCH/buildah" --runroot "$BUILDAH_RUN" --storage-driver overlay "$@"
}

# buildah_base NAME TAR: a root becomes an image; its apt knows the archives of builder_begin.
buildah_base() {
    local container
    container=$(bud from scratch)
    check "$1 is made" bud add --quiet "$container" "$2" /
    check "its apt asks the loopback archives" bud copy --quiet "$container" "$BUILDER_SOURCES" /etc/apt/sources.list
    check "$1 is kept" bud commit --quiet --rm "$container" "$1"
}

# buildah_hurried NAME: its compiler optimizes less, for half of the time.
buildah_hurried() {
    local container
    # The probe, which has no C library, is compiled as it asks for.
    cat >"$SCRATCH/cc" <<'END'
#!/bin/sh
case " $* " in
*' -O2 '*' -Oz '*) exec /usr/bin/cc "$@" ;;
esac
exec /usr/bin/cc "$@" -O1
END
    chmod 755 "$SCRATCH/cc"
    container=$(bud from --pull-never "$1")
    check "$1 hurries" bud copy --quiet "$container" "$SCRATCH/cc" /usr/local/bin/cc
    check "$1 is kept with that" bud commit --quiet --rm "$container" "$1"
}

# buildah_take LAYOUT NAME: the image "nonroot" of a layout.
buildah_take() {
    check "$2 is taken" skopeo copy --quiet "oci:$1:nonroot" "containers-storage:[$BUILDAH_STORE]$2"
}

# buildah_give NAME LAYOUT: with NAME's tag.
buildah_give() {
    check "$1 is read" skopeo copy --quiet "containers-storage:[$BUILDAH_STORE]$1" "oci:$2:${1##*:}"
}

# What goes wrong stands at the end.
buildah_build() {
    bud bud --format docker --isolation chroot --network host --pull-never "$@" >"$SCRATCH/buildah.log" 2>&1 ||
        { tail -n 30 "$SCRATCH/buildah.log" && return 1; }
}

# --- docker ---------------------------------------------------------------------------------------------------------

# docker_base NAME TAR: as buildah_base.
docker_base() {
    mkdir -p "$SCRATCH/base/etc/apt"
    cp "$BUILDER_SOURCES" "$SCRATCH/base/etc/apt/sources.list"
    cp "$2" "$SCRATCH/base.tar"
    tar -rf "$SCRATCH/base.tar" --owner 0 --group 0 -C "$SCRATCH/base" etc/apt/sources.list
    docker_client import "$SCRATCH/base.tar" "$1"
    rm "$SCRATCH/base.tar"
}
