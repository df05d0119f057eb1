#!/usr/bin/env bash
# Checks the machine, builds what changed, and runs the Cake program: ./build.sh --target=Table1
# It needs the .NET SDK and nothing else. TORCH=cuda takes libtorch with CUDA; LIBTORCH=<a PyTorch's torch folder> that folder's libtorch.
# It may be called from anywhere and through links: paths are relative to where one stands.
set -euo pipefail
place=$PWD
# readlink -f is not on every macOS.
script=${BASH_SOURCE[0]}
while [ -L "$script" ]; do
    link=$(readlink -- "$script")
    case $link in /*) script=$link ;; *) script=$(dirname -- "$script")/$link ;; esac
done
case ${LIBTORCH:-/} in /*) ;; *) export LIBTORCH=$place/$LIBTORCH ;; esac
CDPATH="" cd -P -- "$(dirname -- "$script")"
root=$PWD
artifacts=$root/artifacts
libtorch=$(sed -n 's/.*"libtorch-cpu-linux-x64" Version="\([0-9]*\.[0-9]*\).*/\1/p' Directory.Packages.props)
# Under env -i there is no HOME, which NuGet asks for; where it cannot be written, packages and what .NET keeps go beside the build.
export HOME=${HOME:-$(echo ~)}
if ! { mkdir -p "$HOME" && [ -w "$HOME" ]; } 2> /dev/null; then
    export DOTNET_CLI_HOME=${DOTNET_CLI_HOME:-$artifacts/home} NUGET_PACKAGES=${NUGET_PACKAGES:-$artifacts/packages}
fi
# Invariant: dotnet does not start without ICU otherwise, which a bare Debian lacks.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

fail() {
    echo "Error: $*" >&2
    exit 1
}

# Runs a step quietly: one line says what it does, its output goes to a log that is shown when it fails.
step() {
    local title=$1 log=$artifacts/$2.log first=""
    shift 2
    [ -d "$artifacts/obj" ] || first="the first time: restores packages, about a minute; "
    echo "$title (${first}log: ${log#"$place"/}) ..."
    # Compiler servers outlive the build: they must not inherit its lock (9).
    "$@" > "$log" 2>&1 9>&- && return
    local packages=${NUGET_PACKAGES:-$HOME/.nuget/packages} said
    if grep -q 'No space left on device' "$log"; then
        fail "$title: no space left on the disk; $packages needs room for the packages (1.2 GB with libtorch for CPUs) and $artifacts 0.1 GB: free as much," \
            "or set NUGET_PACKAGES to a folder on a disk that has it"
    elif said=$(grep -m 1 -oE 'error NU1(101|102|301): [^[]*' "$log"); then
        fail "$title: NuGet found neither in $packages nor at its sources all that is needed (${said#error }); connect this machine to the network once," \
            "or name a source that has it: dotnet nuget add source <address or folder>"
    fi
    tail -n 60 "$log" >&2
    fail "$title failed; the whole log is in $log"
}

# What the package's libtorch needs of the machine.
check_machine() {
    if [ -r /proc/cpuinfo ] && ! { grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; }; then
        fail "this processor lacks AVX2 or FMA; results are pinned to those kernels, so an x86-64 processor with both is needed"
    fi
    [ "$(uname -s)" = Linux ] || return 0
    local found
    found=$(getconf GNU_LIBC_VERSION 2> /dev/null | cut -d' ' -f2 || true)
    [ -n "$found" ] && [ "$(printf '%s\n' 2.34 "$found" | sort -V | head -n 1)" = 2.34 ] \
        || fail "this system's C library is ${found:+glibc }${found:-not glibc}, expected glibc 2.34 or later, which the TorchSharp package needs; use Debian 12, Ubuntu 22.04 or a later one"
}

# Each worker opens its libraries, the cells that it reads and pipes to its parent.
check_limits() {
    local least=256
    ulimit -S -n "$(ulimit -H -n)" 2> /dev/null || true
    [ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge $least ] \
        || fail "this shell may open $(ulimit -n) files, expected at least $least; raise it (ulimit -n 1024) or ask who administers the machine"
}

# Finds dotnet; which SDK it takes is asked only before a build, because asking takes a tenth of a second.
find_dotnet() {
    wanted=$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' global.json)
    if ! command -v dotnet > /dev/null && [ -x "$HOME/.dotnet/dotnet" ]; then
        export PATH="$HOME/.dotnet:$PATH"
    fi
    command -v dotnet > /dev/null \
        || fail "the .NET SDK is missing: install version $wanted or a later ${wanted%.*.*} (https://dotnet.microsoft.com/download) and run this again"
    DOTNET_ROOT=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
    export DOTNET_ROOT
    sdks=$(echo "$DOTNET_ROOT"/sdk/*)
}

check_sdk() {
    dotnet --version > "$artifacts/dotnet.log" 2>&1 \
        || fail "global.json asks for .NET SDK $wanted or a later ${wanted%.*.*}, found: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ' || true)" \
            "($(head -n 1 "$artifacts/dotnet.log"))"
}

# TORCH and LIBTORCH choose the libtorch that is built for.
check_libtorch() {
    local file=${LIBTORCH:-}/version.py found
    case ${TORCH:-cpu} in cpu | cuda) ;; *) fail "TORCH=$TORCH: expected cpu or cuda, or nothing, which is cpu" ;; esac
    [ "${TORCH:-}:$(uname -s)" != cuda:Darwin ] || fail "TORCH=cuda: expected cpu on macOS, for which there is no libtorch with CUDA"
    [ -n "${LIBTORCH:-}" ] || return 0
    [ -z "${TORCH:-}" ] || fail "TORCH=$TORCH and LIBTORCH=$LIBTORCH: expected one of them; unset the other"
    [ -f "$file" ] || file=$LIBTORCH/build-version
    [ -f "$LIBTORCH/lib/libtorch_cpu.so" ] && [ -f "$file" ] \
        || fail "LIBTORCH=$LIBTORCH has no lib/libtorch_cpu.so, or neither version.py nor build-version; set it to a PyTorch installation's torch folder" \
            "(python3 -c 'import torch; print(torch.__path__[0])'), or unset it to use the package's libtorch"
    found=$(grep -oE '[0-9]+\.[0-9]+\.[0-9]+' "$file" | head -n 1 || true)
    case $found in
        "$libtorch".*) ;;
        *) fail "LIBTORCH=$LIBTORCH is version ${found:-unknown}, expected $libtorch.*, which the TorchSharp package was built for; install that one, or unset LIBTORCH" ;;
    esac
    # The first libtorch that the loader finds; the build leaves the package's out.
    export LD_LIBRARY_PATH=$LIBTORCH/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# Whether the stamp file $1 holds the text $2.
is_stamped() { [ -f "$artifacts/$1.stamp" ] && [ "$(< "$artifacts/$1.stamp")" = "$2" ]; }

# macOS names it otherwise.
if command -v sha256sum > /dev/null; then hash=sha256sum; else hash="shasum -a 256"; fi

# Hash of everything that a build of the folders "$@" reads.
fingerprint() {
    {
        echo "$sdks ${TORCH:-cpu} ${LIBTORCH:+installed} $root"
        find "$@" ./*.props ./global.json ./Harness.sln -type f -not -path '*/bin/*' -not -path '*/obj/*' -print0 \
            | LC_ALL=C sort -z | xargs -0 $hash
    } | $hash
}

# Builds $2 under the stamp $1 where the folders "${@:3}" changed since; no MSBuild otherwise.
build() {
    local stamp=$1 project=$2 print
    print=$(fingerprint "${@:3}")
    is_stamped "$stamp" "$print" && [ -f "$artifacts/bin/Build/release/Harness.Build.dll" ] && return
    check_sdk
    # Both builds write the same assemblies: no stamp outlives a build of other sources.
    rm -f "$artifacts"/{build,tests}.stamp
    # Analysers take a third of the time and change no byte: only the build with the tests runs them.
    step "Building $project" "$stamp" dotnet build "$project" -c Release -v quiet -nologo -clp:NoSummary -p:RunAnalyzers="$([ "$stamp" = tests ] && echo true || echo false)"
    echo "$print" > "$artifacts/$stamp.stamp"
}

# The numerics environment: the same bytes on every x86-64 machine with AVX2, or this machine's best kernels where the command line "$@" has
# --numerics=fast. It must be set before a process loads libtorch.
pin_numerics() {
    case " $* " in
        *" --numerics=fast "* | *" --numerics fast "*) unset ATEN_CPU_CAPABILITY ONEDNN_MAX_CPU_ISA DNNL_MAX_CPU_ISA; export MKL_CBWR=AUTO ;;
        *) export ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2 MKL_CBWR=AVX2,STRICT ;;
    esac
    export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OMP_DYNAMIC=FALSE
    export CUBLAS_WORKSPACE_CONFIG=:4096:8 NVIDIA_TF32_OVERRIDE=0
    # No collection on a thread beside the computing one.
    export DOTNET_gcConcurrent=0
    # Speed only: memory that tensors free is kept for the next ones (a tenth of a training step otherwise goes into page faults).
    export MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TOP_PAD_=67108864
    # Speed only: large tensors take large pages (a checkpoint's first loading takes two thirds of the time).
    export THP_MEM_ALLOC_ENABLE=1
}

# Whether the command line "${@:2}" asks for the target $1, in lower case.
wants() {
    local previous="" argument
    for argument in "${@:2}"; do
        case $(tr '[:upper:]' '[:lower:]' <<< "$argument") in --target="$1" | -target="$1" | -t="$1") return 0 ;; "$1") case $previous in --target | -target | -t) return 0 ;; esac ;; esac
        previous=$argument
    done
    return 1
}

# Whether the command line "$@" only shows what there is: nothing that a target runs is needed then.
shows_only() {
    local argument
    for argument in "$@"; do
        case $(tr '[:upper:]' '[:lower:]' <<< "$argument") in
            --dryrun | -dryrun | --dryrun=true | --tree | -tree | --tree=true | --description | -description | --description=true | --help | -h | -\?) return 0 ;;
        esac
    done
    return 1
}

{ mkdir -p "$artifacts" && [ -w "$artifacts" ]; } 2> /dev/null || fail "$artifacts: cannot be written by $(id -un); clone into a folder of your own, or make it writable"
check_machine
check_limits
check_libtorch
find_dotnet
(
    # One build at a time, should two runs start together.
    ! command -v flock > /dev/null || flock 9
    if { wants test "$@" || wants benchmark "$@" || wants faults "$@"; } && ! shows_only "$@"; then
        build tests Harness.sln src build tests
    else
        build build build/Build.csproj src build
    fi
) 9> "$artifacts/build.lock"
pin_numerics "$@"
cd -- "$place"
exec dotnet "$artifacts/bin/Build/release/Harness.Build.dll" "$@"
