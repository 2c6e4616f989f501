#!/bin/bash
# Installs what the build needs and this machine lacks: Debian packages and the .NET tools of the manifest.
# Says nothing when nothing is missing. Idempotent; needs root or sudo only to install packages.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(z3 cvc5 qemu-system-arm binutils-aarch64-linux-gnu gcc-aarch64-linux-gnu gcc libc6-dev libunicorn-dev make openssl chromium)

fail() { echo "setup: $*" >&2; exit 1; }

# Runs a command quietly; shows its output when it fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        fail "failed: $*"
    fi
    rm -f "$log"
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

install_packages() {
    local missing=() as_root=()
    for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "missing packages: ${missing[*]}; install them, or run as root"
        as_root=(sudo)
    fi
    echo "setup: installing ${missing[*]}"
    quietly "${as_root[@]}" apt-get update -q
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# The stamp says which manifest was restored; the folder, that the packages are still there.
restore_tools() {
    local manifest=.config/dotnet-tools.json stamp=artifacts/setup.stamp version sum
    version=$(sed -n '/"dafny"/,/}/s/.*"version": *"\([^"]*\)".*/\1/p' "$manifest")
    sum=$(sha256sum <"$manifest")
    if [ -d "${NUGET_PACKAGES:-$HOME/.nuget/packages}/dafny/$version" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ]; then return; fi
    echo "setup: restoring Dafny $version"
    quietly dotnet tool restore
    mkdir -p artifacts
    echo "$sum" >"$stamp"
}

command -v dotnet >/dev/null || fail "the .NET SDK ($(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' global.json) or newer) is missing"
if command -v dpkg-query >/dev/null; then
    install_packages
else
    for program in z3 cvc5 qemu-system-aarch64 aarch64-linux-gnu-gcc aarch64-linux-gnu-ld gcc make openssl chromium; do
        command -v "$program" >/dev/null || fail "$program is missing; this machine has no dpkg, install it by hand"
    done
fi
restore_tools
