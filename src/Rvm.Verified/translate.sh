#!/usr/bin/env bash
# translate.sh OUTDIR: the core's Dafny to C#. spec/ and proofs/ are libraries, so nothing of them is emitted, except the constants and bit
# operations of spec/Machine.dfy. Dafny's fixed prelude (closures and array helpers that the core does not use) is cut off.
set -euo pipefail
out=$1
cd "$(dirname "$0")/../.."
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

libraries=()
for file in spec/[!MT]*.dfy spec/M[!a]*.dfy spec/Decide/*.dfy proofs/invariant/SchedulerOk.dfy proofs/isolation/PageTableFacts.dfy; do
  libraries+=(--library "$file")
done

translate() {  # FILE NAME LIBRARIES…
  local file=$1 name=$2
  shift 2
  if ! dotnet dafny translate cs --include-runtime=false --no-verify --allow-warnings --enforce-determinism "$file" "$@" -o "$work/$name" >"$work/$name.log" 2>&1; then
    grep -v "was passed to --library" "$work/$name.log" >&2
    exit 1
  fi
  sed -n '/^\/\/ end of class FuncExtensions/,$p' "$work/$name.cs" | awk -f src/Rvm.Verified/inline.awk src/Rvm.Verified/inline.list - >"$out/$name.cs" 2>"$work/$name.unused"
  test -s "$out/$name.cs" || { echo "translate.sh: $file: Dafny's prelude has changed, its last line was not found" >&2; exit 1; }
}

translate spec/Machine.dfy Machine
translate src/Rvm.Verified/kernel/Kernel.dfy Kernel "${libraries[@]}"

# A name in inline.list that neither file has is a mistake.
if sort "$work/Machine.unused" | comm -12 - <(sort "$work/Kernel.unused") | grep . >&2; then
  echo "translate.sh: inline.list names methods that do not exist" >&2
  exit 1
fi
