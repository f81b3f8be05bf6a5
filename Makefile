# The vocabulary of this project; `make help` lists it. Everything installs into .venv, from pinned versions.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test check bench fuzz soak docs lock test-contract test-forge wheel clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  \033[36m%-15s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "schemafed needs Python 3.11 or newer; try make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing schemafed into $(VENV) ..."
	@$(PIP_INSTALL) -r requirements.txt
	@$(PIP_INSTALL) --no-deps --editable .
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the tools of development into $(VENV) ..."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.runtime ## Show the product in a temporary folder
	@$(BIN)/python scripts/demo.py

test: $(VENV)/.development ## Run every test that can run here
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --cov --cov-report= $(ARGS)

test-contract: $(VENV)/.development ## Run the contract suite, also against SCHEMAFED_TEST_<CONFLUENT|KARAPACE|REDPANDA|APICURIO|GLUE|PULSAR>_URL
	@$(BIN)/python -m pytest tests/contract $(ARGS)

test-forge: $(VENV)/.development ## The template on a real Gitea with its runner, which Go builds first (some ten minutes, once)
	@$(BIN)/python -m pytest tests/forge $(ARGS)

check: $(VENV)/.development ## Lint, format, types, who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.development ## Measure, each figure beside its floor; writes bench.json
	@$(BIN)/python -m tests.benchmarks $(ARGS)

fuzz: $(VENV)/.development ## Try hostile schemas for FUZZ_SECONDS (600); stops at the first that ends badly
	@$(BIN)/python -m tests.fuzz $(ARGS)

soak: $(VENV)/.development ## Every fault at every point of an apply, and random stories, for SOAK_SECONDS (3600)
	@$(BIN)/python -m tests.convergence $(ARGS)

docs: $(VENV)/.development ## Generate the reference and build the site
	@$(BIN)/python scripts/generate_reference.py
	@$(BIN)/python scripts/policy_pages.py
	@$(BIN)/mkdocs build --strict --quiet

wheel: $(VENV)/.development ## Build the wheel into dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist

lock: $(VENV)/.development ## Pin the versions anew from pyproject.toml
	@scripts/lock

clean: ## Remove what was built
	@rm -rf $(VENV) build dist site .coverage* .pytest_cache .mypy_cache .ruff_cache
