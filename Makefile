# creditbank: `make demo` runs the main job, `make test` passes the tests; each installs what it needs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(abspath $(VENV))/bin
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup setup-dev demo test lint format artifacts gas lock bench up clean

help: ## Show this help.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## Install what the demonstration needs: an environment, Node, the EVM node.

setup-dev: $(VENV)/.dev ## Install what development and the tests need.

demo: $(VENV)/.runtime ## Issue, seal and verify a class of 200 micro-credentials in demo-out/.
	@creditbank demo --out demo-out

test: $(VENV)/.dev lint ## Run the lints and all tests.
	@python -m pytest -q

lint: $(VENV)/.dev ## Check style, types, floors and columns.
	@ruff check .
	@ruff format --check --quiet .
	@mypy
	@lint-imports --no-logo 2>/dev/null || lint-imports

format: $(VENV)/.dev ## Rewrite the sources in the house style.
	@ruff check --fix --quiet . ; ruff format --quiet .

artifacts: $(VENV)/.dev ## Compile the contracts and write contracts/artifacts anew.
	@python scripts/compile_contracts.py

gas: $(VENV)/.dev ## Write the gas snapshot anew.
	@python scripts/gas_snapshot.py

bench: $(VENV)/.dev ## Measure, beside a peer where there is one (prints JSON).
	@python scripts/bench/run.py --json

up: $(VENV)/.runtime ## Run the demonstration's network until Ctrl-C.
	@CREDITBANK_HOME=demo-out creditbank network up

lock: $(VENV)/.dev ## Resolve the dependencies anew and write the lock files.
	@bash scripts/lock.sh

clean: ## Remove the environment and everything generated.
	rm -rf $(VENV) node_modules demo-out contracts/out contracts/cache

$(VENV)/.runtime: requirements.lock package-lock.json pyproject.toml
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@test -e $(VENV)/.dev || (echo "installing Python packages …" && $(BIN)/pip install --quiet --require-hashes -r requirements.lock)
	@test -e $(VENV)/.dev || $(BIN)/pip install --quiet --no-deps --editable .
	@test -e $(VENV)/.dev || (echo "installing the EVM node …" && scripts/npm_install.sh --omit=dev)
	@touch $@

$(VENV)/.dev: requirements-dev.lock package-lock.json pyproject.toml
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@echo "installing Python packages …" && $(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --no-deps --editable .
	@echo "installing npm packages …" && scripts/npm_install.sh
	@touch $@ $(VENV)/.runtime
