#!/usr/bin/env bash
# Run the native tests under AddressSanitizer with UBSan, then under ThreadSanitizer. Needs GCC.
#
#     tools/sanitize.sh [VENV [JOBS [FILTER]]]
#
# For each, the package is built and installed in a second environment, which borrows the
# dependencies of VENV. The first finding is printed, ends its process and fails the run.
# FILTER, as in `pytest -k`, picks tests; without it all run that may use the extension.
set -euo pipefail
cd "$(dirname "$0")/.."
first="$(cd "${1:-.venv}" && pwd)"
jobs="${2:-2}"
filter="${3:-not [torch- and not [triton-}"  # names of tests say which backend they are about
compiler="${CXX:-c++}"

runtime() { # FILE: where the compiler keeps it
  local path
  path="$("$compiler" -print-file-name="$1")"
  if [[ ! -e "$path" ]]; then
    echo "sanitize: $compiler has no $1. Name a GCC: make sanitize CXX=g++" >&2
    exit 2
  fi
  echo "$path"
}

# Older GCCs misplace vectors of 64 bytes on the second stack that finds uses after a return.
returned=1
[[ "$("$compiler" -dumpversion | cut -d. -f1)" -ge 14 ]] || returned=0

# Where ThreadSanitizer's shadow lies, an address drawn at random may be in its way.
fixed=()
! setarch --addr-no-randomize true 2>/dev/null || fixed=(setarch --addr-no-randomize)

# NAME SANITIZERS SYMBOL PRELOAD PYTEST-ARGUMENTS...
run_under() {
  local name="$1" sanitizers="$2" symbol="$3" preload="$4" folder="$PWD/build/sanitize/$1"
  shift 4
  echo "== $name: build"
  mkdir -p "$folder"
  tools/borrow_environment.sh "$first" "$folder/env"
  CXX="$compiler" "$first/bin/python" -m pip --python "$folder/env" install --quiet \
    -c constraints.txt --no-deps --ignore-installed --config-settings=build-dir="$folder/build" \
    --config-settings=install.strip=false --config-settings=cmake.build-type=RelWithDebInfo \
    --config-settings=cmake.define.GRAMIAN_SANITIZE="$sanitizers" .

  # No leaks: Python and torch leave memory to the system at exit. Python, torch and OpenMP are
  # not built for ThreadSanitizer, which cannot see their locks: only our code is judged. At a fork
  # polars' allocator holds more locks than the deadlock detector can count.
  local python=(
    "${fixed[@]}" env "LD_PRELOAD=$preload" PYTHONPATH=
    "ASAN_OPTIONS=halt_on_error=1:detect_leaks=0:detect_stack_use_after_return=$returned"
    "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1"
    "TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1:detect_deadlocks=0"
    OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive  # threads that spin would starve the others
    _RJEM_MALLOC_CONF=background_thread:false  # polars' allocator hides a thread from the runtime
    "$folder/env/bin/python"
  )

  echo "== $name: tests"
  local extension
  extension="$("${python[@]}" -c 'import gramian._native as native; print(native.__file__)')"
  if [[ "$extension" != "$folder"/env/* ]] || ! grep -q "$symbol" "$extension"; then
    echo "sanitize: $extension is not built with $sanitizers" >&2
    exit 1
  fi
  "${python[@]}" tools/check_install.py > /dev/null  # the native backend must be the one that runs
  # what a sanitizer writes before it ends the process must not stay in pytest's hands
  "${python[@]}" -m pytest -q --capture=sys -m "not full and not nightly" -k "$filter" "$@"
  echo "== $name: no finding"
}

asan="$(runtime libasan.so)"
tsan="$(runtime libtsan.so)"
throw="$(runtime libstdc++.so)"  # libasan looks for it at once, and Python itself has none

# the compiler would run under the sanitizer; memory freed is kept back, so peaks mean nothing
process=tests/engine/test_native_process.py
tests=(tests/engine tests/cluster --ignore tests/engine/test_contracts_memory.py
       --deselect "$process::test_the_page_about_the_core_compiles")

run_under address address,undefined,float-cast-overflow __asan_report "$asan $throw" \
  -n "$jobs" "${tests[@]}"

# one process, so that calls may use two threads; threads cannot be followed through fork
run_under thread thread __tsan_write "$tsan" \
  "${tests[@]}" --deselect "$process::test_interrupt_and_fork"
