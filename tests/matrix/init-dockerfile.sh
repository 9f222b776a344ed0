#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/init-dockerfile.sh BUILD_DIR [CASE...] - Dockerfiles that `init` writes, built for real: buildah builds small
# projects of each language on stand-ins of the builders' images (Debian 12 with its compilers, under upstream's names) and
# on distroless bases that barehull made. The images run hardened, are asked over HTTP, and the probe says "ready".
#
# uv can't be had from Debian: a small script that is called so unpacks wheels into an environment that `python -m venv`
# made. What is shown of Python is the Dockerfile, not uv.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/builder.sh"
. "$LIB/python.sh"
. "$LIB/python_image.sh"
. "$LIB/init.sh"
engines_begin "$@"
barehull_begin "$@"
need buildah skopeo umoci crun jq curl
[ $# -eq 0 ] || shift
init_begin

wanted() {
    [ -z "$CASES" ] || case " $CASES " in *" $1 "*) ;; *) return 1 ;; esac
}
CASES="$*"

# --- C and C++ ------------------------------------------------------------------------------------------------------

if wanted c-cc; then
    init_project c-cc chello.c
    init_image c-cc language=c build=cc port=8080 port_variable=PORT health=/healthz
    init_serves c-cc 8080 /healthz ok
fi

if wanted c-make; then
    init_project c-make chello.c
    # zlib is not in the base: the builder has to bring it.
    sed -i '1i #include <zlib.h>\nconst char *zlib_is(void);\nconst char *zlib_is(void) { return zlibVersion(); }' \
        "$PROJECT/chello.c"
    printf 'shop: chello.c\n\t$(CC) $(CFLAGS) -o $@ $< $(LDFLAGS) -Wl,--no-as-needed -lz\n' >"$PROJECT/Makefile"
    init_image c-make language=c build=make port=8080 port_variable=PORT health=/healthz packages=zlib1g-dev \
        volumes=/var/lib/shop 'env=ODD=a "b" $HOME \c'
    init_serves c-make 8080 /healthz ok
    check "c-make: zlib is collected" test -f "$BUNDLE/rootfs/usr/lib/x86_64-linux-gnu/libz.so.1"
    check "c-make: and recorded" grep -qx 'Package: zlib1g' "$BUNDLE/rootfs/var/lib/dpkg/status.d/zlib1g"
    check_eq "c-make: the volume is the user's" "65532:65532" "$(stat -c %u:%g "$BUNDLE/rootfs/var/lib/shop")"
    check_eq "c-make: a variable is as it was said" 'ODD=a "b" $HOME \c' \
        "$(jq -r '.config.Env[] | select(startswith("ODD="))' "$BUNDLE/image.json")"
fi

if wanted c-cmake; then
    init_project c-cmake chello.c
    printf 'cmake_minimum_required(VERSION 3.20)\nproject(shop C)\nadd_executable(shop chello.c)\n' >"$PROJECT/CMakeLists.txt"
    init_image c-cmake language=c build=cmake port=8080 port_variable=PORT health=/healthz program=build/shop
    init_serves c-cmake 8080 /healthz ok
fi

if wanted c-meson; then
    init_project c-meson chello.c
    printf "project('shop', 'c')\nexecutable('shop', 'chello.c')\n" >"$PROJECT/meson.build"
    init_image c-meson language=c build=meson link=static port=8080 port_variable=PORT health=/healthz
    init_serves c-meson 8080 /healthz ok
fi

if wanted c-autotools; then
    init_project c-autotools chello.c
    printf 'AC_INIT([shop],[1])\nAM_INIT_AUTOMAKE([foreign])\nAC_PROG_CC\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n' \
        >"$PROJECT/configure.ac"
    printf 'bin_PROGRAMS = shop\nshop_SOURCES = chello.c\n' >"$PROJECT/Makefile.am"
    init_image c-autotools language=c build=autotools port=8080 port_variable=PORT health=/healthz
    init_serves c-autotools 8080 /healthz ok
fi

if wanted cxx; then
    init_project cxx
    cat >"$PROJECT/main.cpp" <<'END'
#include <future>
#include <iostream>
#include <stdexcept>
int main()
{
    auto result = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a thread"); });
    try {
        return result.get();
    } catch (const std::exception &error) {
        std::cout << "caught: " << error.what() << std::endl;
    }
}
END
    printf 'cmake_minimum_required(VERSION 3.20)\nproject(shop CXX)\nfind_package(Threads REQUIRED)\n%s\n%s\n' \
        'add_executable(shop main.cpp)' 'target_link_libraries(shop Threads::Threads)' >"$PROJECT/CMakeLists.txt"
    init_image cxx language=c++ build=cmake
    init_says cxx "caught: from a thread"
fi

# --- Go and Rust ----------------------------------------------------------------------------------------------------

if wanted go; then
    init_project go gostatic/main.go
    mkdir -p "$PROJECT/cmd/shop"
    mv "$PROJECT/main.go" "$PROJECT/cmd/shop"
    printf 'module example.org/shop\n\ngo 1.19\n' >"$PROJECT/go.mod"
    init_image go language=go language_version=1.19 program=./cmd/shop args=serve port=8080 port_variable=PORT health=/healthz
    init_serves go 8080 /healthz ok
fi

for link in dynamic static; do
    if wanted "rust-$link"; then
        init_project "rust-$link" rusthello.rs
        mkdir "$PROJECT/src"
        mv "$PROJECT/rusthello.rs" "$PROJECT/src/main.rs"
        printf '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n' >"$PROJECT/Cargo.toml"
        printf 'version = 3\n\n[[package]]\nname = "shop"\nversion = "0.1.0"\n' >"$PROJECT/Cargo.lock"
        init_image "rust-$link" language=rust language_version=1.63 "link=$link"
        init_says "rust-$link" "panic: on purpose"
    fi
done

# --- a program that is there ----------------------------------------------------------------------------------------

if wanted program; then
    init_project program
    mkdir "$PROJECT/dist"
    cp "$APPS/chello" "$PROJECT/dist/shop"
    chmod 644 "$PROJECT/dist/shop"
    init_image program language=program program=dist/shop port=8080 port_variable=PORT health=/healthz
    init_serves program 8080 /healthz ok
fi

# --- Python ---------------------------------------------------------------------------------------------------------

for build in uv requirements; do
    if wanted "python-$build"; then
        init_project "python-$build"
        init_stand_in python
        python_sources fastapi "$PROJECT"
        printf '[project]\nname = "shop"\nversion = "0.1.0"\n' >"$PROJECT/pyproject.toml"
        : >"$PROJECT/uv.lock"
        init_image "python-$build" language=python "build=$build" language_version=3.11 module=app:app server=uvicorn port=8000 \
            health=/healthz
        init_serves "python-$build" 8000 /healthz '{"status":"ok"}' || continue
        # shellcheck disable=SC2034 # part reads it
        ANSWER=$(init_ask "http://127.0.0.1:8000/proof/security")
        check_eq "python-$build: user, rights and file system" "$PYTHON_SECURITY" "$(part .)" || server_log
        ANSWER=$(init_ask "http://127.0.0.1:8000/proof/library")
        check_eq "python-$build: the standard library works" "$PYTHON_WORKS" "$(part .)" || server_log
    fi
done

# --- found out by `barehull init` -----------------------------------------------------------------------------------

if wanted found-c; then
    init_survey found-c c-make
    init_serves found-c 8081 /healthz pong
fi
if wanted found-cxx; then
    init_survey found-cxx cxx-cmake --port 8082
    init_serves found-cxx 8082 /health ok
fi
if wanted found-go; then
    init_survey found-go go
    init_serves found-go 8083 /healthz ok
fi
if wanted found-rust; then
    init_survey found-rust rust
    init_serves found-rust 8084 /healthz ok
fi
if wanted found-python; then
    init_survey found-python python-uv
    init_serves found-python 8085 /livez ok
fi

check_finish
