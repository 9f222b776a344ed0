#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/extract.sh BUILD_DIR - what barehull reads of a Debian package is what dpkg-deb extracts.
#
# Over a hundred packages from the machine's archive (BAREHULL_TEST_DEBS=DIR keeps and reuses them), plus repacked ones
# for the compressions that Debian itself doesn't use. For each: the entries as `tar tv` lists them (type, mode, owner,
# size, time, link), the tree as `dpkg-deb -x` leaves it on a disk, SHA-256 of every file, and the control files.
# Needs root, for the owners.

. "$(dirname "$0")/../lib/check.sh"

BUILD=${1:?usage: extract.sh BUILD_DIR}
DUMP=$(realpath "$BUILD")/tests/tools/debdump
DEBS=${BAREHULL_TEST_DEBS:-$SCRATCH/debs}
need dpkg-deb tar find sha256sum apt-get
[ "$(id -u)" = 0 ] || { echo "extract.sh: needs root"; exit 3; }
[ -x "$DUMP" ] || { echo "extract.sh: build $DUMP first"; exit 3; }
export LC_ALL=C TZ=UTC

PACKAGES="
adduser adwaita-icon-theme apache2-bin apt aspell-de at base-files base-passwd bash bind9-dnsutils binutils-common
bsdutils bsdextrautils busybox-static bzip2 ca-certificates coreutils cpio cpp-12 cron curl dash dbus dbus-daemon debconf
debconf-i18n debian-archive-keyring debianutils dpkg e2fsprogs exim4-base exim4-daemon-light fontconfig-config
fonts-dejavu-core fonts-liberation2 gcc-12-base git gnupg gpgv groff-base gzip haproxy hicolor-icon-theme iputils-ping
iproute2 iso-codes jq kmod krb5-locales less libapt-pkg6.0 libboost1.74-dev libbz2-1.0 libc-bin libc-l10n libc6
libc6-dev libc6-i386 libcrypt1 libcurl4 libexpat1 libffi8 libfreetype6 libgcc-s1 libgomp1 libharfbuzz0b libkrb5-3
liblzma5 libncursesw6 libperl5.36 libpython3.11-minimal libpython3.11-stdlib libreadline8 libruby3.1 libsqlite3-0
libssl-dev libssl3 libstdc++-12-dev libstdc++6 libtinfo6 libzstd1 linux-libc-dev locales login man-db manpages
manpages-de media-types memcached mount nano ncurses-base ncurses-bin ncurses-term netbase nginx nginx-core
openjdk-17-jre-headless openssh-client openssh-server openssl passwd perl perl-base perl-modules-5.36 plocate polkitd
postfix procps python3-pip python3.11 python3.11-minimal redis-server redis-tools rsync ruby3.1 screen sqlite3 sudo
systemd tar tmux tzdata udev unzip util-linux vim-common vim-runtime vim-tiny wamerican wget xz-utils zip zlib1g
"

# fetch: PACKAGES, into $DEBS.
fetch() {
    mkdir -p "$DEBS" || return
    for package in $PACKAGES; do
        set -- "$DEBS/${package}_"*.deb
        [ -e "$1" ] || echo "$package"
    done >"$SCRATCH/wanted"
    [ ! -s "$SCRATCH/wanted" ] || (cd "$DEBS" && xargs apt-get -q download <"$SCRATCH/wanted" >"$SCRATCH/apt.log" 2>&1)
}

# repack DEB COMPRESSION: the same package, compressed otherwise; prints its path.
repack() {
    rm -rf "$SCRATCH/raw"
    dpkg-deb -R "$1" "$SCRATCH/raw" && mkdir -p "$SCRATCH/repacked/$2" &&
        dpkg-deb --uniform-compression -Z"$2" -b "$SCRATCH/raw" "$SCRATCH/repacked/$2/" >/dev/null &&
        ls "$SCRATCH/repacked/$2/$(basename "$1")"
}

# as_listed: GNU tar's listing without "./", final slashes and padding.
as_listed() {
    sed -E -e 's/^([^ ]+) +([^ ]+) +([0-9]+) +([^ ]+) +([^ ]+) (\.\/)?/\1 \2 \3 \4 \5 /' -e '/^h/s/ link to \.\// link to /' \
        -e '/^d/s/\/$//'
}

# differ WHAT: notes how $SCRATCH/ours/WHAT and $SCRATCH/theirs are different.
differ() {
    diff "$SCRATCH/ours/$1" "$SCRATCH/theirs" >"$SCRATCH/diff" 2>&1 && return
    echo "$1 (< ours, > theirs):"
    head -n 12 "$SCRATCH/diff"
}

# without_dir_times: extraction leaves some directories with the time of the last file that it made in them.
without_dir_times() {
    sed -E 's/^(d [0-9]+ [0-9]+ [0-9]+) -?[0-9]+ /\1 - /' | sort
}

# compare DEB: prints every difference.
compare() {
    rm -rf "$SCRATCH/ours" "$SCRATCH/x"
    mkdir "$SCRATCH/ours"
    "$DUMP" all "$1" "$SCRATCH/ours" || return
    cat "$SCRATCH/ours/list" >>"$SCRATCH/lists"
    dpkg-deb --fsys-tarfile "$1" | tar tv --numeric-owner --full-time --quoting-style=literal | as_listed >"$SCRATCH/theirs"
    differ list

    dpkg-deb -x "$1" "$SCRATCH/x" || echo "dpkg-deb -x: exit $?"
    find "$SCRATCH/x" -printf '%y %04m %U %G %Ts %P %l\n' | without_dir_times >"$SCRATCH/theirs"
    without_dir_times <"$SCRATCH/ours/disk" >"$SCRATCH/sorted" && mv "$SCRATCH/sorted" "$SCRATCH/ours/disk"
    differ disk

    (cd "$SCRATCH/x" && find . -type f -printf '%P\0' | xargs -0r sha256sum -z | tr '\0' '\n' | sort) >"$SCRATCH/theirs"
    sort -o "$SCRATCH/ours/sha256" "$SCRATCH/ours/sha256"
    differ sha256

    for file in control md5sums conffiles; do
        dpkg-deb -I "$1" "$file" 2>/dev/null | sed '/^remove-on-upgrade /d' >"$SCRATCH/theirs"
        differ "$file"
    done
    dpkg-deb --ctrl-tarfile "$1" | tar t | sed 's/^\.\///' | grep -xE 'preinst|postinst|prerm|postrm|config|triggers' |
        sort >"$SCRATCH/theirs"
    sort -o "$SCRATCH/ours/scripts" "$SCRATCH/ours/scripts"
    differ scripts
}

# check_deb DEB NAME
check_deb() {
    differences=$(compare "$1" 2>&1)
    if [ -z "$differences" ]; then
        check_pass "$2"
    else
        check_fail "$2" "$differences"
    fi
}

fetch || { cat "$SCRATCH/apt.log"; exit 3; }
count=0
for deb in "$DEBS"/*.deb; do
    check_deb "$deb" "$(basename "$deb")"
    count=$((count + 1))
done
for compression in zstd gzip none; do
    for package in bash perl-base util-linux; do
        deb=$(repack "$(ls "$DEBS/${package}_"*.deb)" "$compression")
        check_deb "$deb" "$package with $compression"
    done
done
check "a hundred packages" test "$count" -ge 100
links=$(grep -c '^h' "$SCRATCH/lists")
special=$(grep -cE '^-..[sS]|^-.....[sS]' "$SCRATCH/lists")
owned=$(grep -vcE '^[^ ]+ 0/0 ' "$SCRATCH/lists")
echo "$count packages, $links hard links, $special set-uid or set-gid files, $owned entries of other owners"
check "hard links were among them" test "$links" -gt 0
check "set-uid and set-gid files were among them" test "$special" -gt 0
check "other owners were among them" test "$owned" -gt 0
check_finish
