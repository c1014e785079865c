# The commands of the project; `make` alone lists them. scripts/bootstrap.py makes the two Python environments first.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# How many processes run the tests; each takes whole files, and may start the assistant (1.2 GB) once. 0: none but pytest's own.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

# Compiled once and kept: a Python that compiles its packages at each start takes several seconds to do so.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help bootstrap prepare run test test-full lint format docs contract train index eval bench-turn bench-search doctor clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

bootstrap: ## make both Python environments (a repeat is instant)
	@$(PYTHON) scripts/bootstrap.py

run: bootstrap ## start the whole assistant on http://127.0.0.1:8000; Ctrl-C stops it
	@$(BIN)/guichet up $(ARGS)

# What the tests share and takes a while the first time, done where its progress shows.
prepare: bootstrap
	@$(BIN)/guichet kb index --if-stale
	@$(BIN)/guichet train --if-stale > /dev/null
	@scripts/widget install

test: bootstrap prepare ## run the tests, but for the slow ones (ARGS="tests/knowledge -k search" runs some)
	@scripts/widget test
	@$(PYTEST) -m "not slow" $(ARGS)

test-full: bootstrap prepare ## run every test
	@scripts/widget test
	@$(PYTEST) $(ARGS)

lint: bootstrap ## check style and types of the Python and of the widget
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@scripts/widget lint

format: bootstrap ## rewrite the Python in the project's style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs: bootstrap ## write again the pages that are made from the code
	@$(BIN)/guichet settings-page > docs/settings.md

contract: bootstrap ## write openapi.json again from the code
	@$(BIN)/python -m api.openapi > openapi.json

train: bootstrap ## train the Rasa model
	@$(BIN)/guichet train

index: bootstrap ## publish the articles that changed (a running assistant does so by itself)
	@$(BIN)/guichet kb index --if-stale

eval: bootstrap ## measure search, understanding and answers on the evaluation sets
	@$(BIN)/python -m tests.evaluation $(ARGS)

bench-turn: bootstrap ## time a whole turn of the running assistant
	@$(BIN)/python tests/bench/turn.py $(ARGS)

bench-search: bootstrap ## time the search at up to a million passages, some ten minutes (ARGS=--quick: two)
	@$(BIN)/guichet kb index --if-stale
	@$(BIN)/python tests/bench/search.py $(ARGS)

doctor: bootstrap ## check each part and say how to repair what is wrong
	@$(BIN)/guichet doctor

clean: ## remove what can be made again: caches, the index, the model (not the records, not the environments)
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis bot/models bot/.rasa var/index var/cache var/log
	@find . -name __pycache__ -not -path './.venv/*' -not -path './bot/.venv/*' -prune -exec rm -rf {} +
