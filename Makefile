# Apollo's entry points. `make help` lists them; scripts/ holds what they do, so that each can be run by hand.

PREFIX ?= /usr/local
DESTDIR ?=
SUITES ?= http rpc schedule simulate task dispatch objects images

# The Swift runtime is linked in, so that what is installed runs where there is no Swift.
# Paths of the source stay out of it: docs/operate/reproducible.md.
RELEASE = -c release --static-swift-stdlib \
    -Xswiftc -file-prefix-map -Xswiftc $(CURDIR)=. -Xcc -ffile-prefix-map=$(CURDIR)=.
RELEASED = .build/release

.DEFAULT_GOAL := help
.PHONY: help demo test test-deb bench peers lint format build release deb install uninstall clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: release  ## Install what is missing, build, start the platform and run real work on it
	@scripts/dependencies demo
	@scripts/demo

test:  ## Run every test; FILTER=RegEx runs the unit tests that match, and only those
	@scripts/dependencies build test
	@scripts/test $(if $(FILTER),unit --filter '$(FILTER)')

bench: release  ## Run the benchmarks of SUITES (http rpc schedule simulate task dispatch objects images) against their peers
	@scripts/dependencies bench
	@scripts/swift build $(RELEASE) --product apollo-bench
	@for suite in $(SUITES); do $(RELEASED)/apollo-bench $$suite $(BENCHFLAGS) || exit 1; done

peers:  ## Install what the benchmarks compare with, and say what is there
	@scripts/peers

lint:  ## Check the format and the rules of the design; changes nothing
	@scripts/dependencies build lint
	@scripts/lint --self-test
	@scripts/lint
	@echo "lint: the format"
	@scripts/format --check

format:  ## Put every source file into the project's format
	@scripts/dependencies build
	@scripts/format

build:  ## Build for development: .build/debug
	@scripts/dependencies build
	@scripts/swift build

release:  ## Build for use: .build/release, with the Swift runtime linked in
	@scripts/dependencies build
	@echo "building for use (five to six minutes on two cores from a clean clone, less when little has changed)"
	@scripts/swift build $(RELEASE) --product apollo-launcher
	@scripts/swift build $(RELEASE) --product apollo

deb: release  ## Make a package for Debian: .build/apollo_VERSION_ARCHITECTURE.deb
	@scripts/dependencies deb
	@scripts/deb --from $(RELEASED)

test-deb: deb  ## Install, use and purge the package in a Debian without Swift; as root
	@scripts/dependencies test-deb
	@scripts/test-deb

install: release  ## Install the program, its completions and its papers under PREFIX (/usr/local)
	@scripts/install --prefix '$(PREFIX)' --destdir '$(DESTDIR)' --from $(RELEASED)

uninstall:  ## Remove what install put under PREFIX
	@scripts/install --prefix '$(PREFIX)' --destdir '$(DESTDIR)' --remove

clean:  ## Remove what was built
	@rm -rf .build
	@echo "clean: .build is gone"
