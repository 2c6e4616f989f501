# RVM: what a user does, one word each. Every target first installs what this machine lacks.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup build run test verify verify-all vacuity stability mutants theorems audit bench clean

RVM := ./rvm
ROOT := $(CURDIR)

# Rules of the parts; each adds prerequisites to `image` (the kernel) or `guests` (the example programs).
-include src/Rvm.Verified/verified.mk
-include src/Rvm.Platform.Aarch64/build.mk
-include tests/guests/guests.mk
-include tests/hypervisor/hypervisor.mk

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: ## install what is missing (Debian packages, .NET tools)
	@tools/setup.sh

build: setup ## the kernel image, the example guests, and the stand-in for Hypervisor.framework
	@$(MAKE) --no-print-directory image guests hypervisor

run: build ## boot systems/hello.yaml in QEMU
	@$(RVM) run systems/hello.yaml

test: build ## every test: unit, property, model, tool, and boots in QEMU
	@tools/test.sh

verify: setup ## prove everything that changed
	@$(RVM) verify

verify-all: setup ## prove everything from nothing
	@$(RVM) verify --all

vacuity: setup ## look for claims proved from contradictory assumptions, and for premises that nothing needs
	@$(RVM) verify --vacuity

stability: setup ## prove the most expensive obligations under five random seeds
	@$(RVM) verify --seeds 5

mutants: setup ## try deliberate mistakes: the proof must refute each
	@$(RVM) mutants

theorems: setup ## write docs/theorems.md: what is proved, for people
	@$(RVM) theorems

audit: setup ## prove what changed, then list claims, obligations and everything trusted
	@$(RVM) verify || true
	@$(RVM) audit

bench: build ## measure in retired instructions, beside the bounds and the peers
	@$(RVM) bench

clean: ## remove everything built, proofs included
	@rm -rf artifacts
	@find src tests tools -type d \( -name bin -o -name obj -o -name TestResults \) -prune -exec rm -rf {} +

# Defined here too, so that `build` works while a part has no rules yet.
.PHONY: image guests hypervisor
image guests hypervisor:
