# Jari's commands. `make help` lists them; CI calls the same ones.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.ONESHELL:

# Where the sources were unpacked without git, or git distrusts the folder, building must still work.
export GOFLAGS ?= -buildvcs=false

tool := go tool -modfile=tools/go.mod

ARGS ?=
PACKAGES ?= ./...
FUZZTIME ?= 30s
RUN ?= .

##@ To try it

.PHONY: demo
demo: setup build ## Run the whole system on a private database with an invented crowd (ARGS=--once: exit when done)
	@exec bin/jari demo $(ARGS)

.PHONY: sandbox
sandbox: setup build ## A server to write an app against, with magic people and a clock to move (docs/first-app.md; ARGS="--listen 127.0.0.1:8081")
	@exec bin/jari serve --sandbox $(ARGS)

.PHONY: setup
setup: ## Install what the demo needs and this machine lacks (asks first; YES=1: does not ask)
	@scripts/setup demo

.PHONY: unsetup
unsetup: ## Remove what setup installed, and the demo's data (asks first; YES=1: does not ask)
	@scripts/unsetup

.PHONY: rush
rush: setup build ## Replay an opening against a system of its own, and judge it from outside (ARGS="--people 20000 --over 30s")
	@exec bin/jari rush --private $(ARGS)

##@ To work on it

.PHONY: test
test: setup-test bin/with-servers ## All tests, race detector on, on a real PostgreSQL and Redis (PACKAGES=./db/...: some)
	@echo "go test -race $(PACKAGES)"
	exec bin/with-servers -- go test -race -count=1 -timeout=15m $(PACKAGES)

# One Chromium and one sandbox for most of them, so they wait for each other more than they work: more at once than there are processors.
.PHONY: test-browser
test-browser: setup-test-browser build ## The app in a real Chromium, accessibility included (RUN=offline: some; JARI_SHOTS=folder: pictures)
	@echo "go test -tags browser ./mobile-contract/app/browser"
	JARI_BROWSER_PROGRAM=$$PWD/bin/jari exec go test -tags browser -count=1 -timeout=15m -parallel 3 -run 'TestBrowser/$(RUN)' ./mobile-contract/app/browser

# Two minutes, most of them waiting: both halves play the same journeys in sandboxes of their own.
.PHONY: test-phones
test-phones: setup-test ## The conversations of docs/phones.md against the real program (UPDATE=-update: writes the page)
	@go build -o bin/with-servers ./db/private/cmd/with-servers
	bin/with-servers -- go test -tags journeys -count=1 -timeout=15m -parallel 2 -run ThePhonesPage ./cmd/jari $(UPDATE)

.PHONY: setup-test-browser
setup-test-browser:
	@scripts/setup test-browser

.PHONY: setup-test
setup-test: ## Install what the tests need: as setup, a C compiler for the race detector, and Node.js
	@scripts/setup test

.PHONY: check
check: setup-check check-format check-vet check-lint check-contract check-app check-generated check-modules ## Formatting, vet, lint (the contract's too), types of the app, generated code, modules
	@echo "check: all well"

.PHONY: generate
generate: ## Make the generated code again, from the contract in mobile-contract
	@$(tool) oapi-codegen -config mobile-contract/codegen.yaml mobile-contract/openapi.yaml

.PHONY: fuzz
fuzz: ## Run every fuzz target for a while (FUZZTIME=30s each, PACKAGES=./...)
	@FUZZTIME=$(FUZZTIME) scripts/fuzz $(PACKAGES)

.PHONY: bench
bench: setup build ## Measure the intake against what it could be, on private servers (ARGS="--only peak --quick"; see docs/performance.md)
	@exec bin/jari bench $(ARGS)

.PHONY: bench-assign
bench-assign: setup build ## Measure the way from arrivals to appointments, 1.54 million people (ARGS=--quick; some 6 minutes)
	@exec bin/jari bench-assign $(ARGS)

.PHONY: bench-texts
bench-texts: setup build ## Measure how texts leave: 20,000 confirmations, with faults, with a limit (ARGS="--modes clean"; some 4 minutes)
	@exec bin/jari bench-texts $(ARGS)

.PHONY: bench-app
bench-app: setup-test-browser build ## Measure the app: what each tap costs a slow phone's main thread, and the first visit over 2G
	@JARI_BROWSER_PROGRAM=$$PWD/bin/jari exec go test -tags browser,bench -count=1 -v -run TestWork ./mobile-contract/app/browser

.PHONY: build
build: ## Build bin/jari
	@go build -o bin/jari ./cmd/jari

.PHONY: clean
clean: ## Remove what was built (the demo's data stays: that is make unsetup)
	@rm -rf bin

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- parts of the above ----

.PHONY: setup-check
setup-check:
	@scripts/setup check

.PHONY: check-format
check-format:
	@echo "check: formatting"
	files=$$(gofmt -l .)
	[ -z "$$files" ] || { printf 'not formatted (run gofmt -w):\n%s\n' "$$files" >&2; exit 1; }

.PHONY: check-vet
check-vet:
	@echo "check: go vet"
	go vet -tags browser ./...

.PHONY: check-lint
check-lint:
	@echo "check: golangci-lint"
	$(tool) golangci-lint run ./...

.PHONY: check-contract
check-contract: setup-check
	@echo "check: the contract"
	node tools/npm/lint.mjs

.PHONY: check-app
check-app: setup-check
	@echo "check: the types of the app"
	node tools/npm/app.mjs

.PHONY: check-generated
check-generated:
	@echo "check: generated code"
	scripts/check-generated

.PHONY: check-modules
check-modules:
	@echo "check: modules"
	go mod tidy -diff
	go mod verify >/dev/null || { echo "a downloaded module is not what go.sum says" >&2; exit 1; }

# Always asked: go build knows by itself what is up to date.
.PHONY: bin/with-servers
bin/with-servers:
	@go build -o bin/with-servers ./db/private/cmd/with-servers
