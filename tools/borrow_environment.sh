#!/usr/bin/env bash
# Make a virtual environment at $2 that finds the dependencies of the one at $1, but not the
# package itself, even where that one has it installed as editable.
set -euo pipefail

rm -rf "$2"
"$1/bin/python" -m venv --without-pip "$2"
purelib='import sysconfig; print(sysconfig.get_path("purelib"))'
"$1/bin/python" -c "$purelib" > "$("$2/bin/python" -c "$purelib")/dependencies.pth"
