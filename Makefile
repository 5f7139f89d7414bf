# Two commands do everything: `make demo` and `make test`. Each makes its own virtual environment
# in .venv and installs what it needs there; nothing has to be installed by hand but Python 3.11+.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet install
NODE   := tests/cloud/node

.PHONY: demo test lint types pytest micropython benchmarks clean help

help:
	@echo "make demo         run the main job: IP Commands through cloud, LTE network, modems and device code"
	@echo "make test         the whole test suite on CPython and MicroPython, with lint and types"
	@echo "make benchmarks   print the measured figures (not part of the tests)"
	@echo "make clean        remove the virtual environment and caches"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %s: run make PYTHON=python3.11" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "-- making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.simulator: pyproject.toml | $(BIN)/python
	@echo "-- installing the simulator (aiohttp, rich) into $(VENV)"
	@$(PIP) --editable '.[sim]'
	@touch $@

$(VENV)/.everything: pyproject.toml | $(BIN)/python
	@echo "-- installing everything the tests need into $(VENV)"
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.simulator

demo: $(VENV)/.simulator
	@echo "-- host-sim demo"
	@$(BIN)/host-sim demo

test: lint types pytest

lint: $(VENV)/.everything
	@echo "-- ruff: lint and format"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.everything
	@echo "-- mypy: strict for the simulator, plain for the device half"
	@$(BIN)/mypy

# tests/cloud/node: a customer's Node program against the cloud; benchmarks/prism: for comparison
%/node_modules/.installed: %/package.json
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		echo "-- npm: installing into $*"; \
		npm install --no-audit --no-fund --loglevel=error --prefix $* && touch $@ || \
		echo "!! npm failed: $* will NOT be tried"; \
	else \
		echo "!! node or npm is missing: $* will NOT be tried"; \
	fi

pytest: $(VENV)/.everything $(NODE)/node_modules/.installed
	@echo "-- pytest: the whole suite; tests/portable runs on CPython and on the MicroPython binary"
	@$(BIN)/python -m pytest

micropython: $(VENV)/.everything
	@echo "-- the portable tests on the MicroPython binary alone"
	@$(BIN)/python -m pytest tests/portable -k micropython

benchmarks: $(VENV)/.everything benchmarks/prism/node_modules/.installed
	@for file in benchmarks/*.py; do echo "-- $$file"; $(BIN)/python $$file || exit 1; done

clean:
	rm -rf $(VENV) $(NODE)/node_modules benchmarks/prism/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build
