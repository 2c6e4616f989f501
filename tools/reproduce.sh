#!/bin/bash
# Builds the image twice, from clean clones in two folders of different depth, and compares every step of the two builds: generated C#, assemblies, objects, image.
# Then with the image of this checkout, if it has no changes of its own. What was found is left in artifacts/custody/reproduce.txt for the audit.
# Exit status: 0 the same bytes, 1 different ones (the first step that differs is named), 2 no clone or no build.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "reproduce: $*" >&2; exit 2; }

command -v git >/dev/null || fail "git is missing"
commit=$(git rev-parse HEAD 2>/dev/null) || fail "this is no git checkout"
changed=$(git status --porcelain | head -n 1)
[ -z "$changed" ] || echo "reproduce: the clones have the last commit; this checkout has changes that they lack" >&2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
names=(a another/folder/with/a/longer/name)
first=$work/${names[0]} second=$work/${names[1]}
for clone in "$first" "$second"; do
    git clone -q . "$clone"
    echo "reproduce: building in $clone"
    if ! make --no-print-directory -C "$clone" setup image >"$clone.log" 2>&1 </dev/null; then
        tail -n 20 "$clone.log" >&2
        fail "the clone does not build"
    fi
done

# outputs CLONE STEP: digest and path of each file that a step made; the link map names folders, so it is left out.
outputs() { sed -n 's/^out //p' "$1/artifacts/custody/$2.txt" | grep -v '\.map$'; }

differ=
steps=(translate)
for record in "$first"/artifacts/custody/compile-*-Release.txt; do steps+=("$(basename "$record" .txt)"); done
steps+=(ilc link)
for step in "${steps[@]}"; do
    if cmp -s <(outputs "$first" "$step") <(outputs "$second" "$step"); then
        echo "  $step: the same"
    else
        echo "  $step: DIFFERENT"
        { diff <(outputs "$first" "$step") <(outputs "$second" "$step") || true; } | sed -n 's/^[<>]/     &/p'
        differ=${differ:-$step}
    fi
done
image=artifacts/kernel/kernel.elf
cmp "$first/$image" "$second/$image" || differ=${differ:-link}
digest() { sha256sum <"$1" | cut -d' ' -f1; }

# given: digest and path of each file of the repository that a step was given.
given() {
    for step in "${steps[@]}"; do sed -n 's/^in //p' "$first/artifacts/custody/$step.txt"; done | sort -u -k 2 |
        awk 'NR == FNR { tracked[$0]; next } substr($0, 66) in tracked' <(git -C "$first" ls-files) -
}

mkdir -p artifacts/custody
{
    echo "result ${differ:-same}"
    echo "commit $commit"
    echo "built $(date -u +%Y-%m-%dT%H:%M:%SZ)"
    for name in "${names[@]}"; do echo "clone $(digest "$work/$name/$image") $name"; done
    given | sed 's/^/in /'
} >artifacts/custody/reproduce.txt
[ -z "$differ" ] || { echo "NOT REPRODUCIBLE: the first step that differs is $differ"; exit 1; }
if [ -z "$changed" ] && [ -f "$image" ] && ! cmp -s "$image" "$first/$image"; then
    echo "NOT REPRODUCED: the image of this checkout differs from those of the two clones; \`make clean image\` builds it anew"
    exit 1
fi
echo "two builds, one image: SHA-256 $(digest "$first/$image")"
