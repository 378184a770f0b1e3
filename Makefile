# `make demo` and `make test` do all the set-up; the second time they are quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo up test unit service slow lint format types bench check services image server-image base-image clean

help:  ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Signoff needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[trainer,environments,export,offline,video,dev]'
	@touch $(STAMP)

demo: $(STAMP)  ## Run the whole main job for real, in a temporary folder (a minute or two)
	@$(BIN)/signoff demo

up: $(STAMP)  ## Start the playground, the bot and a worker, until Ctrl-C
	@$(BIN)/signoff up

test: unit service  ## Run all tests: the unit tier, then the service tier

unit: $(STAMP)  ## Run the tests that need no service (about a minute)
	$(BIN)/python -m pytest tests/unit -m 'not slow' --numprocesses auto --dist worksteal

service: $(STAMP) services  ## Run the tests with real processes, databases and training
	$(BIN)/python -m pytest tests/service tests/faults -m 'not slow'

slow: $(STAMP)  ## Train presets to their published rewards (the 100,000 random lineages run in `make bench`)
	$(BIN)/python -m pytest tests -m slow --timeout 3600

services:  ## In CI: install the servers that the service tier starts
	@tests/install_services.sh

lint: $(STAMP)  ## Lint, formatting, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: $(STAMP)  ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(STAMP)  ## Check the types (strict)
	$(BIN)/mypy

check: lint types test  ## All that must hold before a commit

bench: $(STAMP)  ## Measure, print each figure beside its goal, write bench/results.json
	$(BIN)/python -m bench.run

image: $(STAMP)  ## Build the trainer's image for Docker hosts (docs/docker.md says with which variables)
	@PYTHON=$(BIN)/python trainer/image.sh

server-image: $(STAMP)  ## Build the image of bot and worker for docker-compose.yml (docs/production.md)
	@PYTHON=$(BIN)/python ./server-image.sh

base-image:  ## Make a base image from Debian's packages, where no image registry can be reached
	@trainer/base.sh

clean:  ## Remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
