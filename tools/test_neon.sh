#!/usr/bin/env bash
# Run the core's NEON code under an emulator, against plain loops in double.
#
#     tools/test_neon.sh
#
# Needs CMake, a compiler for arm64 (CXX names another one) and the emulator of QEMU for single
# programs. On an arm64 machine `make test` runs the same code itself.
set -euo pipefail
cd "$(dirname "$0")/.."
compiler="${CXX:-aarch64-linux-gnu-g++}"
folder=build/neon

for tool in cmake "$compiler" qemu-aarch64; do
  command -v "$tool" > /dev/null && continue
  echo "test_neon: $tool was not found. On Debian and Ubuntu:" \
    "apt-get install cmake g++-aarch64-linux-gnu qemu-user" >&2
  exit 2
done

cmake -S . -B "$folder" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_EXE_LINKER_FLAGS=-static \
  -DGRAMIAN_STRICT=ON -DGRAMIAN_CORE_TEST=ON > /dev/null
cmake --build "$folder" --parallel 2
qemu-aarch64 "$folder/core_test"
