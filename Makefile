# Two commands do everything: `make demo` and `make test`. Each makes its own virtual environment
# in .venv and installs what it needs there; nothing has to be installed by hand but Python 3.11+.

PYTHON  ?= python3
# the Pythons of `make new-user`, e.g. make new-user PYTHONS="python3.11 python3.14"
PYTHONS ?= $(PYTHON)
# of pytest: three for two cores, since many tests wait for programs that they have started
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(max(2, (os.cpu_count() or 2) * 3 // 2))')
# simulated days per modem of `make reliability`; about 7 s of work each
DAYS    ?= 30
VENV    ?= .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check --quiet install
NODE    := tests/cloud/node
HALVES  := device modem_drivers boards host_sim

# compiled once and kept, also where the environment says otherwise: programs of the tests start
# a hundred times
export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo test test-all lint types package pytest micropython benchmarks reliability new-user checkout clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A source archive has no links, and git leaves small text files where it may not make any; an
# egg-info folder of earlier versions would bring back the pytest plugin of then.
checkout: ## put src/ip_commands in order: a link to each folder (comes before each installation)
	@rm -rf *.egg-info
	@for half in $(HALVES); do \
		link=src/ip_commands/$$half; \
		if [ -L $$link ] && [ -d $$link/ ]; then continue; fi; \
		[ ! -d $$link ] && ln -sfn ../../$$half $$link || { \
			echo "!! $$link has to be a link to $$half/: remove it, and use a file system that has links" >&2; \
			exit 1; \
		}; \
	done

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %s: run make PYTHON=python3.11" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "-- making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.simulator: pyproject.toml | checkout $(BIN)/python
	@echo "-- installing the simulator (aiohttp, rich) into $(VENV)"
	@$(PIP) --editable '.[sim]'
	@touch $@

$(VENV)/.everything: pyproject.toml | checkout $(BIN)/python
	@echo "-- installing everything the tests need into $(VENV)"
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.simulator

demo: $(VENV)/.simulator ## run the main job: IP Commands through cloud, LTE network, modems and device code
	@echo "-- host-sim demo"
	@$(BIN)/host-sim demo

test: lint types pytest ## everything: the whole suite on CPython and MicroPython, with lint and types

lint: $(VENV)/.everything ## ruff, and a look at the built wheel and source archive
	@echo "-- ruff: lint and format"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "-- the package: build, twine, contents"
	@$(BIN)/python -m tests.package.build_and_look

types: $(VENV)/.everything ## mypy: strict for the simulator, plain for the device half
	@echo "-- mypy: strict for the simulator, plain for the device half"
	@$(BIN)/mypy

package: $(VENV)/.everything ## wheel and source archive, looked at, into dist/
	@$(BIN)/python -m tests.package.build_and_look dist

# tests/cloud/node: a customer's Node program against the cloud; benchmarks/prism: for comparison
%/node_modules/.installed: %/package.json
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		echo "-- npm: installing into $*"; \
		npm install --no-audit --no-fund --loglevel=error --prefix $* && touch $@ || \
		echo "!! npm failed: $* will NOT be tried"; \
	else \
		echo "!! node or npm is missing: $* will NOT be tried"; \
	fi

pytest: $(VENV)/.everything $(NODE)/node_modules/.installed ## the suite alone; tests/portable runs on both Pythons
	@echo "-- pytest: the whole suite, $(WORKERS) workers; tests/portable also on MicroPython"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations 10

test-all: export EVERY_CHECK = 1
test-all: test ## the same with every check of the modem contract for every quirk of every model

micropython: $(VENV)/.everything ## the portable tests on the MicroPython binary alone
	@echo "-- the portable tests on the MicroPython binary alone"
	@$(BIN)/python -m pytest tests/portable -k micropython

benchmarks: $(VENV)/.everything benchmarks/prism/node_modules/.installed ## print the measured figures (not part of the tests)
	@for file in benchmarks/*.py; do echo "-- $$file"; $(BIN)/python $$file || exit 1; done

reliability: $(VENV)/.everything ## every fault with every dialect, and DAYS simulated days of each, into docs/reliability.md (not part of the tests)
	@$(BIN)/python -m tests.reliability.report --days $(DAYS)

new-user: $(VENV)/.everything ## the wheel in a new environment per Python of PYTHONS, with the README's test (not part of the tests)
	@$(BIN)/python -m tests.package.new_user $(PYTHONS)

clean: ## remove the virtual environment, caches and built packages
	rm -rf $(VENV) $(NODE)/node_modules benchmarks/prism/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build dist
