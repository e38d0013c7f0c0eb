# Everything a person types. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PILAR_HOME ?= $(CURDIR)/var

# pip checks every hash; the lock is a full closure, so it resolves nothing (--no-deps).
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11
LINK := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

.PHONY: help setup setup-dev lock nightly up down desk test lint lint-python lint-sql audit fmt docs bench
help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else f"Pilar needs Python 3.11-3.13, this is {v[0]}.{v[1]}; try: make PYTHON=python3.11 …")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.setup: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "setting up $(VENV) (hash-locked, about a minute)"
	@$(PIP_INSTALL) -r requirements.lock
	@$(LINK)
	@touch $@

$(VENV)/.setup-desk: requirements-desk.lock $(VENV)/.setup
	@$(PIP_INSTALL) -r requirements-desk.lock
	@touch $@

$(VENV)/.setup-dev: requirements-dev.lock $(VENV)/.setup
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

nightly: setup ## set up if needed, run the night once through Airflow (0 published, 3 held, 1 failed)
	@$(BIN)/python -m pilar.services nightly $(if $(FORCE),--force)

up: setup ## start Airflow on 127.0.0.1:port PILAR_PORT (8080), nightly at 01:00 Asia/Jakarta
	@$(BIN)/python -m pilar.services up

down: setup ## end what `make up` started
	@$(BIN)/python -m pilar.services down

desk: $(VENV)/.setup-desk ## start the analysts' desk on 127.0.0.1:port PILAR_DESK_PORT (8091), until Ctrl-C
	@$(BIN)/python -m pilar.desk

# One process more than the two cores that this is meant for: tests of Airflow wait a third of their time.
test: setup-dev ## run the tests, three processes (ARGS="-k landing" picks some)
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup-dev ## ruff, mypy, bandit, sqlfluff: nothing is changed
	@$(MAKE) --no-print-directory -j 2 --output-sync=target lint-sql lint-python

lint-python:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/bandit -q -c pyproject.toml -r pilar dags plugins bench .ci
	@$(BIN)/mypy

lint-sql:
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests
	@$(BIN)/sqlfluff lint --disable-progress-bar --templater raw pilar/publish/shelf docs/queries

audit: setup-dev ## known vulnerabilities of the locked packages (asks a service outside; says so if there is none)
	@$(BIN)/python .ci/audit.py

fmt: setup-dev ## put code into shape
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests

docs: setup-dev ## write the generated files anew: dbt sources, lineage, dictionary, rules, answers
	@$(BIN)/python -m pilar.contracts.dbt_sources
	@$(BIN)/python -m pilar.dictionary
	@$(BIN)/python -m pilar.analyst.questions

bench: setup ## measure: nights against a bare script, readers, spreadsheets, Airflow's share (ARGS="--all" up to 10 M rows)
	@$(BIN)/python bench $(ARGS)

setup: $(VENV)/.setup ## virtual environment with the locked requirements
setup-dev: $(VENV)/.setup-dev

lock: setup-dev ## write the lock files anew from pyproject.toml
	$(COMPILE) --extra setup pyproject.toml -o requirements.lock
	$(COMPILE) --group desk -c requirements.lock -o requirements-desk.lock
	$(COMPILE) --extra setup --extra dev --group desk -c requirements.lock pyproject.toml -o requirements-dev.lock
