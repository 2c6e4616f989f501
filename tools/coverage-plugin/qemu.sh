#!/bin/sh
# QEMU with the coverage plugin, where RVM_QEMU names the emulator. RVM_COVERAGE: the plugin with its arguments.
exec qemu-system-aarch64 "$@" -plugin "$RVM_COVERAGE"
