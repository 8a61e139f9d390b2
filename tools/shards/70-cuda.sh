#!/usr/bin/env bash
# The CUDA plugin as far as a machine without a GPU allows: its kernels for every architecture, with
# their registers and spills in docs/cuda-kernels.md; and, in the emulator, every dense golden model in
# every dtype and in several orders of threads. A functional check: nothing here has run on a GPU.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

build default
python=$(sed -n 's/^SIROCCO_PYTHON:STRING=//p' build/CMakeCache.txt)
[[ -n $python ]] || die "no python3 with numpy was found"

nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
if [[ -x $nvcc ]]; then
  say "the plugin for all architectures, and PTX"
  cmake -G Ninja -S . -B build/cuda-all -DCMAKE_BUILD_TYPE=Release -DSIROCCO_WERROR=ON \
    -DSIROCCO_BUILD_TESTS=OFF \
    "-DSIROCCO_CUDA_ARCHITECTURES=80-real;86-real;89-real;90a-real;100" \
    >"$(log_file configure-cuda-all)" || { cat "$(log_file configure-cuda-all)" >&2; die "cmake"; }
  cmake --build build/cuda-all -j "$(jobs)" --target cuda >"$(log_file cuda-all)" ||
    { cat "$(log_file cuda-all)" >&2; die "a kernel does not compile"; }
  say "registers, shared memory and spills"
  "$python" -B tests/cuda/kernel_table.py --nvcc "$nvcc" --jobs "$(jobs)" --out docs/cuda-kernels.md
else
  say "SKIPPED: no nvcc was found, so that no architecture was built"
fi

say "the emulated plugin"
ctest --test-dir build -j "$(jobs)" --output-on-failure --no-tests=error -L long -R cuda
