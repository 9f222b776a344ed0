#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/python-badinput.sh BUILD_DIR - Python applications that can't run in the image: each is refused with the
# cause, the place and the remedy, or built with a warning that says what will go wrong.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/python.sh"
. "$LIB/refused.sh"
engines_begin "$@"
barehull_begin "$@"
need gcc musl-gcc aarch64-linux-gnu-gcc umoci jq
python_begin
mirror_begin

# A small project whose environment has one wheel with an extension module.
python_once small make_environment venv-copies "$PYTHON_CACHE/small" fasthash || check_finish
SMALL=$MADE
SITE=.venv/lib/python3.11/site-packages
NATIVE=$SITE/fasthash/_native.cpython-311-x86_64-linux-gnu.so
refused_begin

# project NAME: a good one, to be spoiled by the caller.
project() {
    mkdir "$1"
    cp -a "$SMALL" "$1/.venv"
    sed -i "1s|^#!.*|#!$WORK/$1/.venv/bin/python|" "$1/.venv/bin/fasthash"
    printf 'import fasthash\n\nif __name__ == "__main__":\n    fasthash.main()\n' >"$1/app.py"
}

# warned WHAT WORDS APP [OPTIONS...]: builds, and says WORDS (separated by "|") beside.
warned() {
    local what="$1" words="$2" word
    shift 2
    run build "$@" -t warned:warned -o "oci:$SCRATCH/warned"
    check_eq "$what: builds" 0 "$STATUS" || echo "    $STDERR"
    while [ -n "$words" ]; do
        word=${words%%|*}
        check_has "$what: the warning names '$word'" "$STDERR" "$word"
        [ "$words" = "$word" ] && break
        words=${words#*|}
    done
}

project good
check "a good one first" build good -t good:good -o "oci:$SCRATCH/good" &&
    bundle_new good "$SCRATCH/good" good &&
    check_eq "and it runs" 6e7eacee "$(run_oci crun "$BUNDLE" 2>&1)"

# --- versions ------------------------------------------------------------------------------------------------------

project other-version
mv other-version/.venv/lib/python3.11 other-version/.venv/lib/python3.9
sed -i 's|^version = .*|version = 3.9.18|; s|^home = .*|home = /opt/python3.9/bin|' other-version/.venv/pyvenv.cfg
ln -sfn /opt/python3.9/bin/python3.9 other-version/.venv/bin/python
bad "an environment of another version" 3 "3.9|3.11|pyvenv.cfg|--python" other-version
project mixed-version
sed -i 's|^version = .*|version = 3.12.1|' mixed-version/.venv/pyvenv.cfg
bad "pyvenv.cfg and site-packages of two versions" 3 "3.12|python3.11|python3.12 -m venv" mixed-version
project other-abi
mv other-abi/$NATIVE other-abi/$SITE/fasthash/_native.cpython-39-x86_64-linux-gnu.so
bad "an extension module of another version" 3 "_native.cpython-39-x86_64-linux-gnu.so|3.9|3.11" other-abi
bad "an interpreter that the environment was not made for" 3 "pyvenv.cfg|3.11|3.9|--python" good --python 3.9
mkdir plain
echo 'print(1)' >plain/app.py
bad "an interpreter that the release does not have" 3 "3.9|bookworm|3.11|--python PREFIX" plain --python 3.9
bad "an interpreter that is not there" 3 "/nowhere/bin/python3.12" good --python /nowhere/bin/python3.12

# --- platforms -----------------------------------------------------------------------------------------------------

project other-machine
aarch64-linux-gnu-gcc -shared -fPIC -nostdlib -o other-machine/$NATIVE "$PYTHON_APPS/fasthash/library.c"
bad "an extension module for another machine" 3 "arm64|amd64|_native" other-machine --arch amd64
project musl
musl-gcc -shared -fPIC -o "musl/$SITE/fasthash/_native.cpython-311-x86_64-linux-musl.so" "$PYTHON_APPS/fasthash/library.c"
rm musl/$NATIVE
bad "an environment made by Alpine" 3 "musl|_native.cpython-311-x86_64-linux-musl.so|glibc" musl
project darwin
mv darwin/$NATIVE darwin/$SITE/fasthash/_native.cpython-311-darwin.so
bad "an environment made by macOS" 3 "darwin|_native" darwin
mkdir -p windows/.venv/Scripts windows/.venv/Lib/site-packages
printf 'home = C:\\Python311\r\nversion = 3.11.2\r\n' >windows/.venv/pyvenv.cfg
: >windows/.venv/Scripts/python.exe
echo 'print(1)' >windows/app.py
bad "an environment made by Windows" 3 "Windows|.venv" windows

# --- environments --------------------------------------------------------------------------------------------------

project broken-link
ln -s /nowhere/module.py broken-link/$SITE/module.py
bad "a broken link in the environment" 3 "module.py|/nowhere" broken-link
project no-packages
rm -rf no-packages/.venv/lib
bad "an environment without packages' directory" 3 "site-packages|.venv" no-packages
project editable
mkdir -p "$SCRATCH/outside/tool" "editable/$SITE/tool-1.0.dist-info"
echo 'x = 1' >"$SCRATCH/outside/tool/__init__.py"
printf 'Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n' >editable/$SITE/tool-1.0.dist-info/METADATA
printf '__editable__.tool-1.0.pth,,\ntool-1.0.dist-info/METADATA,,\ntool-1.0.dist-info/RECORD,,\n' >editable/$SITE/tool-1.0.dist-info/RECORD
printf '{"url": "file://%s", "dir_info": {"editable": true}}' "$SCRATCH/outside" >editable/$SITE/tool-1.0.dist-info/direct_url.json
echo "$SCRATCH/outside" >editable/$SITE/__editable__.tool-1.0.pth
bad "an editable install outside the tree" 3 "tool|editable|$SCRATCH/outside|--no-deps" editable
project two
mv two/.venv two/production
cp -a two/production two/staging
bad "two environments" 2 "production|staging|--venv" two
bad "an environment that is none" 2 "--venv|pyvenv.cfg" good --venv "$SCRATCH/outside"
project record
echo '../../../../../../etc/passwd,,' >>record/$SITE/fasthash-1.0.dist-info/RECORD
check "a RECORD that leads out of the environment" build record -t record:record -o "oci:$SCRATCH/record" &&
    bundle_new record "$SCRATCH/record" record &&
    check_eq "a RECORD that leads out: nothing there is touched" 1 "$(grep -c '^nonroot:' "$BUNDLE/rootfs/etc/passwd")"

# --- entries -------------------------------------------------------------------------------------------------------

project syntax
printf 'import fasthash\n\ndef broken(:\n    pass\n' >syntax/app.py
bad "a syntax error in the entry module" 3 "syntax error|app.py|3" syntax
mkdir no-entry
echo 'def helper(): return 1' >no-entry/first.py
echo 'def helper(): return 2' >no-entry/second.py
bad "no entry" 2 "--module" no-entry
mkdir two-entries
echo 'def main(): pass' >two-entries/util.py
for name in blue green; do
    printf 'if __name__ == "__main__":\n    print("%s")\n' $name >two-entries/$name.py
done
bad "two entries" 2 "blue|green|--module" two-entries
bad "a module that is not there" 2 "nosuch|--module" good --module nosuch
bad "an object that is not there" 2 "nosuch|app" good --module app:nosuch
bad "a language that nobody knows" 2 "--language|python" good --language pyton
bad "bytecode of a kind that nobody knows" 2 "--bytecode|all|none" good --bytecode some
bad "a port that is none" 2 "--port|99999" good --port 99999
mkdir empty
bad "an empty directory as Python" 2 "empty|--module" empty --language python

# --- what runs, but not all of it ----------------------------------------------------------------------------------

project missing
printf 'import requests\nimport fasthash\ntry:\n    import ujson\nexcept ImportError:\n    ujson = None\n' >missing/app.py
warned "an import that nothing provides" "requests|app.py|1" missing
check_lacks "an import that may be missing" "$STDERR" "ujson"
mkdir -p nothing-installed whole/backend
echo requests >nothing-installed/requirements.txt
printf 'import requests\nprint(requests)\n' >nothing-installed/main.py
warned "requirements that nobody installed" "requests|-m venv .venv && .venv/bin/pip install -r requirements.txt|--package" \
    nothing-installed
touch whole/backend/manage.py
bad "a project in a directory below" 3 "'backend' in it is a Python project|whole/backend" whole
# Debian 13's interpreter needs Debian 13's C library.
mirror_args=$MIRROR_ARGS
mirror_begin amd64 trixie
MIRROR_ARGS=$mirror_args
if local_begin && local_mount; then
    bad "an interpreter that needs a newer C library" 3 "GLIBC_2.3|python3.13|--suite trixie" "$LOCAL_ROOT/srv/shop"
    umount /usr/local
fi

check_finish
