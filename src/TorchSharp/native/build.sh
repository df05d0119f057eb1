#!/bin/sh
# Compiles the shim: build.sh <folder of the sources> <library to make>.
# LIBTORCH names a PyTorch installation's torch folder; where it is empty the system's libtorch is taken.
set -eu
sources=$1
library=$2
partial=$library.$$
root=${LIBTORCH:-/usr}

fail() {
    echo "$1" >&2
    rm -f "$partial"
    exit 1
}

command -v g++ > /dev/null || fail "g++ was not found; install it: apt-get install g++"

header=include/ATen/core/Tensor.h
if [ -z "${LIBTORCH:-}" ]; then
    [ -f "$root/$header" ] || fail "libtorch's headers were not found in /usr/include; \
install them: apt-get install libtorch-dev libopenblas0-pthread, or set LIBTORCH to a PyTorch installation's torch folder"
    set -- -Wl,-rpath,/usr/lib
else
    [ -f "$root/$header" ] || fail "LIBTORCH=$root has no $header; set it to a PyTorch installation's torch folder, \
the one that holds include/ and lib/"
    set -- "-L$root/lib" "-Wl,-rpath,$root/lib"
    # PyTorch before 2.7 was built with the older string layout; its symbols tell.
    grep -q '__cxx11' "$root/lib/libc10.so" || set -- "$@" -D_GLIBCXX_USE_CXX11_ABI=0
    [ ! -f "$root/lib/libtorch_cuda.so" ] || set -- "$@" -ltorch_cuda -lc10_cuda
fi

mkdir -p "$(dirname "$library")"
g++ -std=c++20 -O2 -fPIC -shared -fvisibility=hidden -w "$sources"/*.cpp -o "$partial" \
    -I "$root/include" -isystem "$root/include/torch/csrc/api/include" -Wl,--no-as-needed "$@" -ltorch -ltorch_cpu -lc10 \
    || fail "g++ could not compile $sources against libtorch in $root"
mv -f "$partial" "$library"
