# RVM: what a user does, one word each. Every target first installs what this machine lacks.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup build run test verify verify-all vacuity stability mutants theorems reproduce audit release bench clean model cross-check soak coverage

RVM := ./rvm
ROOT := $(CURDIR)

# Rules of the parts; each adds prerequisites to `image` (the kernel) or `guests` (the example programs).
-include src/Rvm.Verified/verified.mk
-include src/Rvm.Platform.Aarch64/build.mk
-include tests/guests/guests.mk
-include tests/Rvm.Image.Tests/image.mk
-include tests/hypervisor/hypervisor.mk
-include src/Rvm.Hosting.Native/native.mk

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: ## install what is missing (Debian packages, .NET tools)
	@tools/setup.sh

build: setup ## the kernel image, the example guests, and the stand-in for Hypervisor.framework
	@$(MAKE) --no-print-directory image guests hypervisor

run: build ## boot systems/hello.yaml in QEMU
	@$(RVM) run systems/hello.yaml

test: build test-image hosting-native ## every test: unit, property, model, tool, and boots in QEMU
	@tools/test.sh

model: setup ## explore every state that the core reaches in small configurations (MODEL="NAME… --depth N", --list)
	@dotnet build src/Rvm.Model -c Release -v quiet --nologo
	@dotnet src/Rvm.Model/bin/Release/net10.0/rvm-model.dll $(MODEL)

soak: build test-image ## a million random events in the booted image, compared with the host bit for bit
	@RVM_IMAGE_EVENTS=1000000 dotnet test tests/Rvm.Image.Tests --nologo -v quiet --filter FullyQualifiedName~ScriptTests --logger "console;verbosity=detailed"

coverage: build test-image ## which branches of the core the host tests take, and which instructions of the kernel the boot tests execute
	@$(RVM) coverage

verify: setup ## prove everything that changed
	@$(RVM) verify

verify-all: setup ## prove everything from nothing
	@$(RVM) verify --all

vacuity: setup ## look for claims proved from contradictory assumptions, and for premises that nothing needs
	@$(RVM) verify --vacuity

stability: setup ## prove the most expensive obligations under ten random seeds
	@$(RVM) verify --seeds 10

cross-check: setup ## ask a second version of Z3 about the most expensive obligations
	@tools/second-solver/setup.sh
	@$(RVM) verify --cross-check tools/second-solver/z3

mutants: setup ## try deliberate mistakes: the proof must refute each
	@$(RVM) mutants

theorems: setup ## write docs/theorems.md: what is proved, for people
	@$(RVM) theorems

reproduce: setup ## build the image twice in clean clones and compare the bytes
	@tools/reproduce.sh

audit: setup image ## prove what changed, then list claims, obligations, everything trusted, and the chain from the sources to the image
	@$(RVM) verify || true
	@$(RVM) audit

release: build ## prove what changed, audit, and make artifacts/release, signed: make release KEY=release.key [BASE=audit.json]
	@$(RVM) verify
	@$(RVM) release make $(if $(KEY),--key "$(KEY)") $(if $(BASE),--base "$(BASE)")

hosting-native: setup ## librvm_hosting, VMs for C, Swift and Python: a shared library and its header in artifacts/hosting

bench: build ## measure in retired instructions, beside the bounds and the peers
	@$(RVM) bench

clean: ## remove everything built, proofs included
	@rm -rf artifacts
	@find src tests tools -type d \( -name bin -o -name obj -o -name TestResults \) -prune -exec rm -rf {} +

# Defined here too, so that `build` works while a part has no rules yet.
.PHONY: image guests hypervisor
image guests hypervisor:
