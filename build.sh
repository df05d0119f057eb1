#!/usr/bin/env bash
# Checks the machine, builds what changed, and runs the Cake program: ./build.sh --target=Table1
# LIBTORCH=<a PyTorch's torch folder> takes that libtorch instead of Debian's libtorch-dev; TORCH=cpu the TorchSharp package with its own.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
root=$PWD
artifacts=$root/artifacts
# Invariant: dotnet does not start without ICU otherwise, which a bare Debian lacks.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

fail() {
    echo "Error: $*" >&2
    exit 1
}

# Runs a step quietly: one line says what it does, its output goes to a log that is shown when it fails.
step() {
    local title=$1 log=$artifacts/$2.log
    shift 2
    echo "$title (log: ${log#"$root"/}) ..."
    # Compiler servers outlive the build: they must not inherit its lock (9).
    if ! "$@" > "$log" 2>&1 9>&-; then
        tail -n 60 "$log" >&2
        fail "$title failed; the whole log is in $log"
    fi
}

check_processor() {
    if [ -r /proc/cpuinfo ] && ! { grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; }; then
        fail "this processor lacks AVX2 or FMA; results are pinned to those kernels, so an x86-64 processor with both is needed"
    fi
}

check_dotnet() {
    local wanted found
    wanted=$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' global.json)
    if ! command -v dotnet > /dev/null && [ -x "$HOME/.dotnet/dotnet" ]; then
        export PATH="$HOME/.dotnet:$PATH"
    fi
    command -v dotnet > /dev/null \
        || fail "the .NET SDK is missing: install version $wanted or a later ${wanted%.*.*} (https://dotnet.microsoft.com/download) and run this again"
    found=$(dotnet --version 2> "$artifacts/dotnet.log") \
        || fail "global.json asks for .NET SDK $wanted or a later ${wanted%.*.*}, found: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ' || true)" \
            "($(head -n 1 "$artifacts/dotnet.log"))"
    sdk=$found
    DOTNET_ROOT=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
    export DOTNET_ROOT
}

# Puts the Debian packages that this machine lacks into the array `missing`.
find_missing_packages() {
    missing=()
    [ -n "${TORCH:-}" ] || command -v g++ > /dev/null || missing+=(g++)
    if [ -n "${TORCH:-}" ]; then
        [ -z "${LIBTORCH:-}" ] || fail "TORCH=$TORCH and LIBTORCH=$LIBTORCH: expected one of them; unset the other"
        case $TORCH in cpu | cuda) ;; *) fail "TORCH=$TORCH: expected cpu or cuda (the TorchSharp package with that libtorch), or nothing" ;; esac
    elif [ -n "${LIBTORCH:-}" ]; then
        [ -f "$LIBTORCH/lib/libtorch_cpu.so" ] && [ -f "$LIBTORCH/include/ATen/core/Tensor.h" ] \
            || fail "LIBTORCH=$LIBTORCH has no lib/libtorch_cpu.so or no include/ATen/core/Tensor.h; set it to a PyTorch installation's torch folder" \
                "(python3 -c 'import torch; print(torch.__path__[0])'), or unset it to use Debian's libtorch-dev"
    else
        [ -f /usr/include/ATen/core/Tensor.h ] || missing+=(libtorch-dev)
        case $(blas) in *openblas*) ;; *) missing+=(libopenblas0-pthread) ;; esac
    fi
    if [ -n "$benchmarks" ] && ! python3 -c 'import torch' 2> /dev/null && ! /usr/bin/python3 -c 'import torch' 2> /dev/null; then missing+=(python3-torch); fi
}

# The file that libblas.so.3 resolves to, or nothing.
blas() {
    local found
    found=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2> /dev/null | sed -n 's/.*libblas\.so\.3 .*=> //p' | head -n 1)
    [ -z "$found" ] || readlink -f -- "$found"
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    local tries=0 log=$artifacts/install.log
    for command in "apt-get update" "apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $*"; do
        # Another apt may hold the lock of the package lists, which apt itself does not wait for.
        until LC_ALL=C $command > "$log.part" 2>&1; do
            cat "$log.part"
            grep -q 'Could not get lock' "$log.part" && [ $((tries += 1)) -le 60 ] || return 1
            sleep 10
        done
        cat "$log.part"
    done
    rm -f "$log.part"
}

check_packages() {
    find_missing_packages
    [ ${#missing[@]} -eq 0 ] && return
    local command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    command -v apt-get > /dev/null || fail "this machine lacks: ${missing[*]} (names of Debian's packages); install them and run this again"
    [ "$(id -u)" -eq 0 ] || fail "this machine lacks: ${missing[*]}; install them with: sudo sh -c '$command'"
    step "Installing ${missing[*]}" install install_packages "${missing[@]}"
    find_missing_packages
    case " ${missing[*]} " in
        *" libopenblas0-pthread "*)
            fail "libblas.so.3 is $(blas), which is not OpenBLAS; choose it: update-alternatives --config libblas.so.3-$(uname -m)-linux-gnu" ;;
        "  ") ;;
        *) fail "still missing after the installation: ${missing[*]}" ;;
    esac
}

# Whether the stamp file $1 holds the text $2.
is_stamped() { [ -f "$artifacts/$1.stamp" ] && [ "$(< "$artifacts/$1.stamp")" = "$2" ]; }

# Hash of everything that a build of the folders "$@" reads, the installed libtorch included.
fingerprint() {
    {
        echo "$sdk ${TORCH:-} ${LIBTORCH:-debian} $root"
        stat -L -c '%n %s %Y' "${LIBTORCH:-/usr}"/lib/{,"$(uname -m)-linux-gnu/"}libtorch_cpu.so 2> /dev/null || true
        find "$@" ./*.props ./global.json ./Harness.sln -type f -not -path '*/bin/*' -not -path '*/obj/*' -print0 \
            | LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum
}

# Builds $2 under the stamp $1 where the folders "${@:3}" changed since; no MSBuild otherwise.
build() {
    local stamp=$1 project=$2 print
    print=$(fingerprint "${@:3}")
    is_stamped "$stamp" "$print" && [ -f "$artifacts/bin/Build/release/Harness.Build.dll" ] && return
    # Both builds write the same assemblies: no stamp outlives a build of other sources.
    rm -f "$artifacts"/{build,tests}.stamp
    step "Building $project" "$stamp" dotnet build "$project" -c Release -v quiet -nologo -clp:NoSummary
    echo "$print" > "$artifacts/$stamp.stamp"
}

# The numerics environment: the same bytes on every x86-64 machine with AVX2, or this machine's best kernels where the command line "$@" has
# --numerics=fast. It must be set before a process loads libtorch.
pin_numerics() {
    case " $* " in
        *" --numerics=fast "* | *" --numerics fast "*) unset ATEN_CPU_CAPABILITY ONEDNN_MAX_CPU_ISA DNNL_MAX_CPU_ISA OPENBLAS_CORETYPE; export MKL_CBWR=AUTO ;;
        *) export ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell MKL_CBWR=AVX2,STRICT ;;
    esac
    export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 OMP_DYNAMIC=FALSE
    export CUBLAS_WORKSPACE_CONFIG=:4096:8 NVIDIA_TF32_OVERRIDE=0
    # No collection on a thread beside the computing one.
    export DOTNET_gcConcurrent=0
    # Speed only: memory that tensors free is kept for the next ones (a tenth of a training step otherwise goes into page faults).
    export MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TOP_PAD_=67108864
}

# Whether the command line "${@:2}" asks for the target $1, in lower case.
wants() {
    local previous="" argument
    for argument in "${@:2}"; do
        case ${argument,,} in --target="$1" | -t="$1") return 0 ;; "$1") case $previous in --target | -t) return 0 ;; esac ;; esac
        previous=$argument
    done
    return 1
}

benchmarks=""
! wants benchmark "$@" || benchmarks=yes
{ mkdir -p "$artifacts" && [ -w "$artifacts" ]; } 2> /dev/null || fail "$artifacts: cannot be written by $(id -un); clone into a folder of your own, or make it writable"
check_processor
check_dotnet
check_packages
(
    # One build at a time, should two runs start together.
    ! command -v flock > /dev/null || flock 9
    if wants test "$@" || [ -n "$benchmarks" ]; then
        build tests Harness.sln src build tests
    else
        build build build/Build.csproj src build
    fi
) 9> "$artifacts/build.lock"
pin_numerics "$@"
exec dotnet "$artifacts/bin/Build/release/Harness.Build.dll" "$@"
