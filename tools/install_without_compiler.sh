#!/usr/bin/env bash
# Install the package as on a machine without a C++ compiler, and check that it works there.
#
# A second environment borrows the dependencies of the first one ($1, by default .venv); the
# package itself is built and installed anew, with a PATH that holds no compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
first="$(cd "${1:-.venv}" && pwd)"
second="$PWD/.venv-no-compiler"

rm -rf "$second"
"$first/bin/python" -m venv "$second"
site="$("$second/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
"$first/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$site/dependencies.pth"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

bare=(env "PATH=$second/bin" CC=/nonexistent/cc CXX=/nonexistent/c++)
"${bare[@]}" python -m pip install --quiet -c constraints.txt --no-deps --ignore-installed \
  --config-settings=build-dir="$work/build" .
cp tools/check_install.py "$work/"
cd "$work" && "${bare[@]}" python check_install.py --without-native
