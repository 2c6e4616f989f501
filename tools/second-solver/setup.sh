#!/bin/bash
# Installs what the second solver needs and this machine lacks: Node and the npm package that package-lock.json pins. Only `make cross-check` needs it.
set -euo pipefail
cd "$(dirname "$0")"

fail() { echo "second-solver: $*" >&2; exit 1; }

if ! command -v npm >/dev/null; then
    command -v apt-get >/dev/null || fail "npm is missing; install Node with npm by hand"
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "npm is missing; install nodejs and npm, or run as root"
        as_root=(sudo)
    fi
    echo "second-solver: installing nodejs npm"
    "${as_root[@]}" apt-get update -q >/dev/null
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends nodejs npm >/dev/null
fi
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent --no-audit --no-fund
