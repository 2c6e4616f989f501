#!/bin/bash
# Runs every test project and prints the sum of their results as the last line.
set -uo pipefail
cd "$(dirname "$0")/.."

results=artifacts/test
rm -rf "$results"
mkdir -p "$results"
status=0
for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    echo "== $name"
    dotnet test "$project" --nologo -v quiet --results-directory "$results" --logger "trx;LogFileName=$name.trx" </dev/null || status=1
done

# <Counters total="12" executed="12" passed="11" failed="1" … />
count() { cat "$results"/*.trx 2>/dev/null | sed -n "s/.*<Counters .* $1=\"\([0-9]*\)\".*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'; }
passed=$(count passed) failed=$(count failed)
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1    # a project that does not even build
[ "$passed" -gt 0 ] || status=1
echo "$passed passed, $failed failed"
exit "$status"
