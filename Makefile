# The front door. Every target sets up what it needs in .venv and says what it does; nothing is to be done by hand before.
#
#   make PYTHON=/path/to/python3.12 test     another interpreter (3.11 or newer)
#   TOCSIN_SHARED=/path/to/shared make test  where the real data are, if not in ../shared

SHELL := /bin/sh
PYTHON ?= $(shell for one in python3.11 python3.12 python3.13 python3; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$one"; break; }; done)
WORKERS ?= 2
ROUNDS ?= 5
DATE ?=

ASKING_ROADS := tests/roads tests/edge/test_gather_roads.py tests/edge/test_gather_learned.py tests/lab/test_*.py tests/clocks \
	tests/cli/test_route.py tests/cli/test_map.py tests/cli/test_fortnight.py

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

CONSOLE := $(shell find console -type f -not -path 'console/node_modules/*' -not -path 'console/src/generated/*' -not -path 'console/dist/*' 2>/dev/null) \
	scripts/build_console.py scripts/console_sources.py $(shell find src/tocsin/words src/tocsin/core/messages src/tocsin/views -type f -name '*.toml' -o -name '*.py')

.PHONY: help demo serve console test hunt lint types contracts docs docs-check bench bench-dispatch clean
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Tocsin needs Python 3.11 or newer and found none. Install it, or say where: make PYTHON=/path/to/python"; exit 1; }
	@echo "tocsin: making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

.venv/installed: $(BIN)/python pyproject.toml
	@echo "tocsin: installing Tocsin into .venv"
	@$(PIP) -e .
	@touch $@

.venv/installed-test: $(BIN)/python pyproject.toml
	@echo "tocsin: installing Tocsin and what its tests need into .venv"
	@$(PIP) -e '.[test]'
	@touch $@ .venv/installed

.venv/installed-bench: .venv/installed-test
	@echo "tocsin: installing the peers of the benchmarks into .venv"
	@$(PIP) -e '.[bench]'
	@touch $@

.venv/console: .venv/installed $(CONSOLE)
	@echo "tocsin: building the console"
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || $(PIP) -e '.[console]'
	@$(BIN)/python scripts/build_console.py
	@touch $@

.venv/browser: .venv/installed-test scripts/find_browser.py
	@$(BIN)/python scripts/find_browser.py $@

console: .venv/console ## the console, built from its sources into the package

demo: .venv/console ## a made-up shift in a real city, alive in your browser; no network
	$(BIN)/tocsin demo

test: lint types contracts docs-check .venv/console .venv/browser ## everything that must hold: lint, types, imports, docs, console, tests with and without the compiled kernel
	@echo "tocsin: running what asks roads on $(WORKERS) workers, without the compiled kernel"
	@TOCSIN_ROUTER=scipy $(BIN)/python -m pytest -n $(WORKERS) $(ASKING_ROADS)
	@echo "tocsin: running all tests on $(WORKERS) workers"
	@$(BIN)/python -m pytest -n $(WORKERS)

hunt: .venv/installed-test ## the laws of the tests on other cases than last time, again and again: ROUNDS=5
	@for round in $$(seq $(ROUNDS)); do \
		echo "tocsin: round $$round of $(ROUNDS)"; \
		TOCSIN_DRAWS=others $(BIN)/python -m pytest -n $(WORKERS) -m hypothesis || exit 1; \
	done

lint: .venv/installed-test ## style, and the words that the rules forbid
	@echo "tocsin: checking style"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/installed-test ## types, strictly
	@echo "tocsin: checking types"
	@$(BIN)/mypy

contracts: .venv/installed-test ## who may import whom
	@echo "tocsin: checking who imports whom"
	@$(BIN)/lint-imports --no-logo

docs: .venv/installed-test ## write docs/generated anew from the code
	$(BIN)/python scripts/generated_docs.py

docs-check: .venv/installed-test ## is docs/generated what the code says?
	@echo "tocsin: comparing docs/generated with the code"
	@$(BIN)/python scripts/generated_docs.py --check

bench: .venv/installed-bench ## ratios against named peers; adds a line to benchmarks/history.ndjson
	$(BIN)/python benchmarks/run.py $(if $(DATE),--date $(DATE))

bench-dispatch: .venv/installed-test ## dispatch policies on published cities and drawn ones: writes docs/dispatch-figures.md anew
	$(BIN)/python benchmarks/dispatch_tables.py

clean: ## take away .venv and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
