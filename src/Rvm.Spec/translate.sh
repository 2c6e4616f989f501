#!/usr/bin/env bash
# translate.sh OUTDIR: the executable specification (spec/Step.dfy, spec/PageTable.dfy, spec/Declassification.dfy, spec/Policy.dfy and all that
# they include) to C#, with Dafny's runtime.
# Every function and predicate is compiled as it stands; bound.awk only makes what is bound over u32 end where their own guards say.
set -euo pipefail
out=$1
cd "$(dirname "$0")/../.."
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! dotnet dafny translate cs --include-runtime=true --outer-module Rvm.Spec --no-verify --allow-warnings --enforce-determinism \
    spec/Step.dfy spec/PageTable.dfy spec/Declassification.dfy spec/Policy.dfy -o "$work/Spec" >"$work/log" 2>&1; then
  cat "$work/log" >&2
  exit 1
fi
# Dafny quotes its whole input, with the paths of this machine, in an attribute.
sed '/^\[assembly: DafnyAssembly/,/^")\]/d' "$work/Spec.cs" | awk -f src/Rvm.Spec/bound.awk >"$work/bounded.cs"
mv "$work/bounded.cs" "$out/Spec.cs"
