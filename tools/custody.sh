#!/bin/bash
# custody.sh STEP in FILE… out FILE…: records in artifacts/custody/STEP.txt what a step of the build was given and what it made of it, by SHA-256.
# Called by the step itself, right after it has run. `rvm audit` compares the records with each other and with the files that are there.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
step=$1 kind=
shift
mkdir -p "$root/artifacts/custody"
fresh=$root/artifacts/custody/$step.txt.$$
for file in "$@"; do
    case $file in
        in | out) kind=$file ;;
        *) printf '%s %s %s\n' "$kind" "$(sha256sum <"$file" | cut -d' ' -f1)" "$(realpath --relative-to="$root" "$file")" ;;
    esac
done >"$fresh"
mv "$fresh" "$root/artifacts/custody/$step.txt"
