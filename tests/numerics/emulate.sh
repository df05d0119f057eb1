#!/usr/bin/env bash
# One numerics class on Intel's and AMD's processors? Computes the canary on this machine and on emulated processors, and compares: exit code 1 where they differ.
#   ./build.sh --tree > /dev/null && tests/numerics/emulate.sh      # about half a minute a processor
# DLL=<Harness.Build.dll> takes another build.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
program=${DLL:-artifacts/bin/Build/release/Harness.Build.dll}
qemu=${QEMU:-qemu-x86_64-static}
processors=(Haswell Skylake-Client EPYC)

fail() {
    echo "Error: $*" >&2
    exit 1
}

command -v "$qemu" > /dev/null || fail "$qemu is missing: install it with: apt-get install qemu-user-static (7.2 or later, which knows AVX2), or name it in QEMU"
[ -f "$program" ] || fail "$program: not built; run ./build.sh --tree first, or name another in DLL"
command -v dotnet > /dev/null || export PATH="$HOME/.dotnet:$PATH"
dotnet=$(readlink -f -- "$(command -v dotnet)") || fail "the .NET SDK is missing"
# The emulator's warnings of features that it lacks go there too.
logs=$(mktemp -d)
trap 'rm -rf -- "$logs"' EXIT

# The variables that every run has.
eval "$(sed -n '/^pin_numerics() {/,/^}/p' build.sh)"
pin_numerics
# The emulator cannot map one page twice, as the runtime's write protection of code does.
export DOTNET_EnableWriteXorExecute=0 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

differing=0
"$dotnet" "$program" numerics > "$logs/machine" || fail "the canary ended with code $? on this machine"
printf '%-16s%s\n' "this machine" "$(head -n 1 "$logs/machine")"
for processor in "${processors[@]}"; do
    "$qemu" -cpu "$processor" "$dotnet" "$program" numerics > "$logs/$processor" 2> "$logs/errors" \
        || { code=$?; tail -n 5 "$logs/errors" >&2; fail "the canary ended with code $code on an emulated $processor"; }
    printf '%-16s%s\n' "$processor" "$(head -n 1 "$logs/$processor")"
    # Behind the first line: the computations whose bytes differ, this machine's (<) and the emulated one's (>).
    if ! diff <(tail -n +2 "$logs/machine") <(tail -n +2 "$logs/$processor") > "$logs/difference"; then
        sed -n 's/^\([<>]\)/  \1/p' "$logs/difference"
        differing=1
    elif ! cmp -s "$logs/machine" "$logs/$processor"; then
        differing=1
    fi
done
[ "$differing" -eq 0 ] || fail "the classes differ: numbers are not the same on these processors"
echo "one class on all of them"
