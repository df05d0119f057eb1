#!/usr/bin/env bash
# Adds an editor as docs/add-an-editor.md says, to the letter: its commands, three files and one line, on a copy of this clone. The editor's row must be
# computed, and nothing else. Takes the finished cells of this clone's store, or of the folder that is given.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
command -v dotnet > /dev/null || export PATH="$HOME/.dotnet:$PATH"
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
store=${1:-.store}
guide=docs/add-an-editor.md
name=half-way
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

fail() {
    echo "Error: $guide: $*" >&2
    exit 1
}

# Names of the finished cells of the copy, as in their manifests: "edit zsre/llama2-7b/half-way".
cells() {
    find "$copy/.store" -name manifest.json -exec sed -n 's/.*"key":"[^"]*","name":"\([^"]*\)".*/\1/p' {} + | sort
}

git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    [ -e "$file" ] && printf '%s\0' "$file"
done | tar -c --null -T - | tar -x -C "$copy"
mkdir -p "$copy/.store"
[ ! -d "$store" ] || cp -R "$store/." "$copy/.store"
new=$(sed -n 's/^    \(.*--target=New .*\)/\1/p' "$guide")
row=$(sed -n "s/^    \( *$name: {.*}\)\$/\1/p" "$guide")
compute=$(sed -n "s/^    \(.*--editors=$name\)\$/\1/p" "$guide")
cd "$copy"

echo "before: the row of the unedited model, so that worlds and models are in the store"
./build.sh --target=Table1 --editors=original

echo "$new"
$new | tee new.log
for file in $(sed -n 's/^wrote //p' new.log); do
    [ -s "$file" ] || fail "$file was not written"
done
[ "$(grep -c '^wrote ' new.log)" -eq 3 ] || fail "found another number of files than three"
line=$(grep -E '^ {8}Editors\.' new.log)
sed -i "/^    \];\$/i\\$line" src/Editing/EditorRegistry.cs
awk -v row="$row" '{ print } !done && scale && /^    editors:/ { print row; done = 1 } /^  embedded:$/ { scale = 1 }' \
    experiments/dft/table1.yaml > table1.yaml
mv table1.yaml experiments/dft/table1.yaml

echo "its own test, and those that hold for every editor"
dotnet test tests/Editing.Tests -c Release -v quiet -nologo --filter "DisplayName~$name|FullyQualifiedName~HalfWay" | tee test.log
[ "$(sed -n 's/.*Passed: *\([0-9]*\).*/\1/p' test.log)" -ge 8 ] || fail "found fewer than 8 tests of the new editor"

cells > before
echo "$compute"
$compute
cells > after
comm -13 before after > computed
others=$(grep -v "/$name\$" computed || true)
[ -s computed ] || fail "found no cell computed, expected those of $name"
[ -z "$others" ] || fail "found other cells computed than $name's:"$'\n'"$others"
grep -rqF "$name" results/custom || fail "found no row $name in the results"
echo "computed: $(wc -l < computed) cells, all of them $name's"
