# `make help` lists every task; `make check` is what CI runs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
# One more than there are cores: the tests on Kafka wait for most of their time, all in one process.
TEST_PROCESSES ?= $(shell $(PYTHON) -c "import os; print(min(4, os.cpu_count() + 1))")

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-zA-Z_-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-zA-Z_-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@scripts/create-venv $(PYTHON) $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

.PHONY: setup
setup: $(VENV)/.dev ## Create .venv with everything that development needs

.PHONY: demo
demo: $(VENV)/.runtime ## Play the built-in crisis and show what became of each dispatch
	@$(BIN)/wirefeed demo

.PHONY: test
test: $(VENV)/.dev services ## Run the tests (installs what it may: Kafka, PostgreSQL)
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup

.PHONY: services
services: ## Fetch what the integration tests need, or say what is missing
	@tests/services/install

.PHONY: kafka
kafka: $(VENV)/.dev services ## Run Apache Kafka (localhost:9092) and PostgreSQL (localhost:5432) until Ctrl-C, to try things out
	@$(BIN)/python -m tests.services.serve

.PHONY: check
check: lint types imports schemas-check test ## All that CI runs

.PHONY: check-all
check-all: check check-deploy check-supply check-image ## The longer suites and all validators too; says what could not be checked
	@$(BIN)/python -m pytest -m "slow or hypothesis" --hypothesis-profile=explore

.PHONY: lint
lint: $(VENV)/.dev ## Style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.dev ## Strict types
	@$(BIN)/mypy

.PHONY: imports
imports: $(VENV)/.dev ## Imports point one way
	@$(BIN)/lint-imports --verbose | tail -n 12

.PHONY: schemas
schemas: $(VENV)/.runtime ## Write schemas/ and the generated documentation from the code
	@$(BIN)/wirefeed schemas --write schemas
	@$(BIN)/wirefeed config reference > docs/configuration.md

.PHONY: schemas-check
schemas-check: $(VENV)/.runtime ## Fail when schemas/ or the generated documentation is stale
	@$(BIN)/wirefeed schemas --check schemas
	@$(BIN)/wirefeed config reference | diff -u docs/configuration.md - || { echo "docs/configuration.md is stale: run make schemas"; exit 1; }

.PHONY: lock
lock: $(VENV)/.dev ## Resolve the dependencies again
	@scripts/lock $(BIN)

.PHONY: format
format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

.PHONY: fuzz
fuzz: $(VENV)/.dev ## Throw broken bytes at the parsers for longer than the tests do
	@PYTHONPATH=. $(BIN)/python tests/fuzz/fuzz_parse.py

.PHONY: rules-test
rules-test: $(VENV)/.runtime ## Run the tests inside the shipped rules
	@$(BIN)/wirefeed rules test

.PHONY: chaos
chaos: $(VENV)/.dev services ## Kill, stop and poison the Kafka engine under load
	@WIREFEED_CHAOS_RESULTS=benchmarks/results/chaos.md $(BIN)/python -m pytest tests/chaos -m slow -s

.PHONY: crash-notify
crash-notify: $(VENV)/.dev services ## Kill notifiers at every change of state: alone, in twos, on Kafka
	@$(BIN)/python -m pytest tests/integration/notify -m ""

.PHONY: check-deploy
check-deploy: $(VENV)/.dev ## Validate image, compose, manifests, rules, dashboards and contracts with real tools
	@PATH="$(abspath $(BIN)):$$PATH" scripts/check-deploy

.PHONY: check-supply
check-supply: $(VENV)/.dev ## Check locks, licences, secrets, vulnerabilities; write dist/sbom.json
	@PYTHON="$(abspath $(BIN))/python" scripts/check-supply

UNCHECKED = { [ $$? = 3 ] && [ -z "$$WIREFEED_CHECK_STRICT" ] && echo "not checked: $@"; }
.PHONY: check-image check-fresh
check-image: ## Build the image in a chroot, run the demo in it: no rights, read-only root (needs root)
	@scripts/check-image || $(UNCHECKED)
check-fresh: ## The demo and the tests in a fresh clone on a fresh Debian (needs root)
	@scripts/check-fresh demo test || $(UNCHECKED)

.PHONY: train-entities
train-entities: $(VENV)/.bench ## Build the entity models and the gazetteer (needs WIREFEED_CORPORA)
	@PYTHONPATH=. $(BIN)/python -m training.entities

# Beside other libraries; alone; with the services. All take OPTIONS, such as `make bench-store OPTIONS="20000 --write"`.
COMPARISONS := bench-parse bench-dedup bench-language bench-entities
MEASUREMENTS := bench-rules bench-rule-sentences bench-notify bench-console
ON_SERVICES := bench-store bench-kafka bench-kafka-chain bench-kafka-growth
BENCHMARKS := $(COMPARISONS) $(MEASUREMENTS) $(ON_SERVICES)
.PHONY: $(BENCHMARKS)
bench-parse: ## Dispatches a second per wire format, beside feedparser and newsmlg2
bench-dedup: ## Deduplication: quality, cost and memory beside datasketch
bench-language: ## Language detection: accuracy, calibration and speed beside langdetect, lingua and CLD2
bench-entities: ## Entity tagging beside a spaCy pipeline trained on the same data: quality, speed, memory
bench-rules: ## Rules: cost of a document at 1,000 and 10,000 rules
bench-rule-sentences: ## The shipped rules on sentences that were written without them
bench-notify: ## From event to webhook: p50 and p99
bench-console: ## Pages at 100,000 events, 200 open streams, an alert on the screen
bench-store: ## The store: upserts a second, size and searches, on SQLite and PostgreSQL
bench-kafka: ## The Kafka engine's loop beside a naive Faust agent and bare aiokafka
bench-kafka-chain: ## The chain on Kafka: latency at several rates, CPU of each stage
bench-kafka-growth: ## CPU of a dispatch, with few and with a million stored
$(COMPARISONS): $(VENV)/.bench
$(MEASUREMENTS): $(VENV)/.dev
$(ON_SERVICES): $(VENV)/.dev services
$(BENCHMARKS): bench-%:
	@$(BIN)/python -m benchmarks.bench_$(subst -,_,$*) $(OPTIONS)
