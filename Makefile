# Every target makes what it needs: the virtual environment is built from the lock, and built again when the lock changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCKED := --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --strip-extras \
          --build-deps-for editable
PYTEST_ARGUMENTS ?=
# Another number, other lives; the same lives a second time would all be duplicates.
SEED ?= $(shell date +%s)
PEOPLE ?= 200

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help venv demo dev up down logs seed check fmt test test-containers bench docs lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-16s %s\n", $$1, $$2 }'

venv: $(STAMP) ## the virtual environment .venv, from requirements-dev.lock

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12"; exit 1; }
	@rm -f $@
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## watch a region work for a virtual year; at the end its board is compared with the truth
	$(BIN)/lotse demo

dev: $(STAMP) ## embedded broker and database and all services on the usual ports, until Ctrl-C; no container
	$(BIN)/lotse up

up: ## the region in containers: Apache Kafka, PostgreSQL, all services, Prometheus; returns when all is healthy
	docker compose up --wait --detach --build

down: ## end the region in containers; its data stay (docker compose down --volumes removes them)
	docker compose down

logs: ## what the containers tell, as it comes
	docker compose logs --follow --tail 100

seed: $(STAMP) ## a simulated region reports to the containers, each institution through its own credentials (PEOPLE=200)
	$(BIN)/lotse simulate --people $(PEOPLE) --seed $(SEED)

check: $(STAMP) ## lint, format, types, import arrows, generated documents up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

fmt: $(STAMP) ## put the code into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-containers: $(STAMP) ## rights, laws, faults and alerts on Apache Kafka, PostgreSQL and Prometheus in containers
	$(BIN)/python -m pytest tests/containers $(PYTEST_ARGUMENTS)

test: $(STAMP) ## all tests, against a real broker and a real database
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGUMENTS)

bench: $(STAMP) ## rates, latency, growth to a million cases (SMOKE=1: without growth); also build/bench.json
	$(BIN)/python -m bench $(if $(SMOKE),--smoke)

docs: $(STAMP) ## docs/contract and docs/generated anew, from the lists and tables that the program runs on
	$(BIN)/python docs/generate.py

lock: ## new requirements*.lock, with the newest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip install --quiet pip-tools
	CUSTOM_COMPILE_COMMAND='make lock' build/lock/bin/pip-compile $(LOCKED) --upgrade --output-file requirements.lock pyproject.toml
	CUSTOM_COMPILE_COMMAND='make lock' build/lock/bin/pip-compile $(LOCKED) --upgrade --extra dev --extra embedded --output-file requirements-dev.lock pyproject.toml

clean: ## remove what was built
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
