# Needs Python 3.11 or newer and make, nothing else. Each target installs what it needs into .venv, once.
#
#   make serve   start Logwright on http://127.0.0.1:8700, with its data in ./logwright-data
#   make test    run the tests: offline, no GPU
#   make setup   make the development environment and stop
#
# The rest is listed by `make help`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
DATA ?= ./logwright-data

# A stamp says that the environment holds what its lock file asks for. Both locks agree on every package they share,
# so the development environment serves as well and each target may come first.
SERVE := $(VENV)/.serve
DEV := $(VENV)/.dev

.DEFAULT_GOAL := help
.PHONY: help serve demo test browser setup ui ui-types lint format types floors docs check clients lock clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

serve: $(SERVE) ui ## Start Logwright on http://127.0.0.1:8700.
	$(BIN)/logwright serve --data $(DATA)

demo: $(SERVE) ui ## Start Logwright with a built-in fake provider and traffic; no provider key needed.
	$(BIN)/logwright serve --demo --data $(DATA).demo

test: $(DEV) ## Run the tests, on all cores.
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

browser: $(DEV) ui ## Drive the interface in a real Chromium.
	$(BIN)/python -m pytest -m browser --timeout 300 $(ARGS)

setup: $(DEV) ## Make the development environment.

ui: $(SERVE) ## Build the browser interface if its sources have changed (borrows a Node where there is none).
	$(BIN)/python hatch_build.py

ui-types: $(DEV) ## Write the interface's types anew from the routes.
	$(BIN)/python -m docs.interface && cd ui && npm run api

lint: $(DEV) ## Check style and format.
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(DEV) ## Put the code into the house format.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(DEV) ## Check the types.
	$(BIN)/mypy

floors: $(DEV) ## Check that each room stands only on the floors below it.
	$(BIN)/lint-imports --config importlinter.toml

docs: $(DEV) ## Write the reference pages anew from the declarations.
	$(BIN)/python -m docs.generate

check: lint types floors test ## All of the above that can fail.

clients: $(DEV) ## Drive the published vendor clients, each in an environment of its own (needs a package registry).
	$(BIN)/python -m pytest -m clients --timeout 600 $(ARGS)

bench-%: $(DEV) ## Run one measurement: bench-gateway, bench-crash, bench-store.
	$(BIN)/python -m bench.$* $(ARGS)

# Nothing younger than a week is locked: most packages that were taken over by a stranger were withdrawn within days.
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --exclude-newer "7 days" \
	--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade

lock: $(DEV) ## Resolve the dependencies anew and pin them with their hashes.
	$(LOCK) --all-extras --group dev --output-file requirements/dev.txt
	$(LOCK) --extra postgres --group build --constraint requirements/dev.txt --output-file requirements/serve.txt

clean: ## Remove environments, caches and built files; data folders stay.
	rm -rf $(VENV) .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Logwright needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(SERVE): requirements/serve.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes --requirement requirements/serve.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt requirements/serve.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes --requirement requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(SERVE)
