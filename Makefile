# `make demo` shows Fleetstream at work, `make test` tests it; `make help` lists the rest.

SWIFT ?= swift
# Arguments of the demonstration: make demo DEMO="--vehicles 500".
DEMO ?=
# Tests to run: make test FILTER=GeoTests.
FILTER ?=
# Seconds that `make fuzz` and `make test` fuzz.
FUZZ_SECONDS ?= 20
# Seeds that `make order` tries.
SEEDS ?= 3000

FORMAT = $(SWIFT) format lint --strict --recursive --configuration Config/swift-format.json
FORMATTED = Package.swift Sources Tests Simulators

.PHONY: help demo build test fuzz allocations order golden canary sanitize check clean
.DEFAULT_GOAL := help

help: ## Lists what make can do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target text; do \
		printf '%-16s %s\n' "$$target" "$$text"; done

demo: build ## Shows simulated deliveries in Taipei, until Ctrl-C
	@.build/release/fleetstream demo $(DEMO)

build: ## Builds a release, after installing what is missing
	@Config/install-prerequisites.sh build
	@echo "Building a release; the first time takes some minutes."
	@$(SWIFT) build -c release

test: ## Builds and runs every test, fuzzes the decoders for a moment, counts allocations
	@Config/install-prerequisites.sh test
	@echo "Building the tests; the first time takes some minutes."
	@$(SWIFT) build --build-tests
	@$(SWIFT) test --skip-build $(if $(FILTER),--filter $(FILTER))
	@$(if $(FILTER),,$(MAKE) --no-print-directory fuzz allocations)

fuzz: ## Fuzzes the decoders with libFuzzer for FUZZ_SECONDS; what it finds stays in .build/fuzz
	@mkdir -p .build/fuzz
	@FUZZ_BUILD="$(CURDIR)/.build/fuzz" Tests/Fuzz/run.sh $(FUZZ_SECONDS) -artifact_prefix=.build/fuzz/

allocations: ## Checks in an optimised build that a message without an event allocates nothing
	@$(SWIFT) build -c release --product fleetbench
	@.build/release/fleetbench engine/allocations

order: ## Tests that the order of arrival does not matter, with SEEDS random drives
	@Config/install-prerequisites.sh test
	@FLEETSTREAM_SEEDS=$(SEEDS) $(SWIFT) test --filter OrderIndependenceTests

golden: ## Writes the checked-in events of a simulated day anew, where a change of them is meant; read the difference
	@Config/install-prerequisites.sh test
	@FLEETSTREAM_RENEW_GOLDEN=1 $(SWIFT) test --filter GoldenTests || true
	@git diff --stat -- Tests/IntegrationTests/Dispatch/Golden

canary: ## Checks that a planted bug makes that test fail
	@Config/install-prerequisites.sh test
	@Tests/Canary/run.sh

sanitize: ## Runs the tests under the thread sanitizer, without those that start whole processes
	@Config/install-prerequisites.sh test
	@$(SWIFT) test --sanitize=thread --scratch-path .build/sanitize --skip IntegrationTests

check: ## Checks the format of the sources
	@$(FORMAT) $(FORMATTED)

clean: ## Removes what was built
	@rm -rf .build
