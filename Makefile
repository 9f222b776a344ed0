# SPDX-License-Identifier: Apache-2.0
# A face for meson. Each target does its own set-up (tools/setup) and can be run alone.
#
#   make build            build/barehull
#   make image            barehull's own image for amd64 and arm64, in build/image (tools/image)
#   make demo             a real program becomes an image, is inspected, and runs
#   make test             what CI runs; the last line is "N passed, N failed"
#   make test-all         test, and all of test-*
#   make bench            figures against the peers
#   make format           clang-format
#   make install          PREFIX=/usr/local DESTDIR=
#   make clean
MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := build
FUZZ_SECONDS ?= 60

.PHONY: all build image demo test test-all test-unit test-asan test-checks test-fixtures test-e2e test-matrix test-clang test-soak test-kubernetes \
	fuzz bench format install clean setup-build setup-test setup-engines
all: build

setup-build:
	@tools/setup build
setup-test:
	@tools/setup build test
setup-engines:
	@tools/setup build test engines

$(BUILD)/build.ninja: | setup-build
	meson setup $(BUILD)

build: setup-build $(BUILD)/build.ninja
	@ninja -C $(BUILD) program

image: build
	tools/image $(BUILD)

demo: build
	tools/demo $(BUILD)

test: setup-engines build
	tools/run-tests $(BUILD)

# Parts of `make test`, alone.
test-unit test-asan test-checks test-fixtures test-e2e: setup-engines build
	tools/run-tests $(BUILD) $(@:test-%=%)

# Long runs against other tools, and other compilers.
test-matrix: setup-engines build
	tools/run-tests $(BUILD) matrix
test-clang: setup-engines build
	tools/run-tests $(BUILD) clang
# A million requests, and ends and starts under load.
test-soak: setup-engines build
	@ninja -C $(BUILD) tests/load/load
	tests/soak/soak.py $(BUILD)
fuzz: setup-engines
	tools/fuzz $(FUZZ_SECONDS)

# k8s/ on Debian's own Kubernetes, which is compiled for it once: half an hour, and two minutes from then on.
test-kubernetes: setup-engines build
	@tools/setup kubernetes
	tools/image $(BUILD) --no-write
	tests/kubernetes/make-kubernetes $${BAREHULL_TEST_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/barehull-test}/kubernetes
	tests/kubernetes/run $(BUILD)

test-all: test test-matrix test-clang test-soak test-kubernetes fuzz

bench: setup-engines build
	bench/run.sh $(BUILD)

format: setup-test
	git ls-files -z '*.[ch]' | xargs -0 clang-format-14 -i

install: build
	meson configure $(BUILD) -Dprefix=$(PREFIX)
	ninja -C $(BUILD) program
	DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf build build-*
