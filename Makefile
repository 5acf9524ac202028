# Patron: `make` lists what there is to do. Needs Python 3.11 or newer, git and make.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit("Patron needs Python 3.11 or newer; this is %d.%d. Say which to use: make PYTHON=python3.12 …" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

.venv/installed: .venv/made pyproject.toml
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/installed-dev: .venv/installed constraints.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[deep,postgres,spark]' --group dev
	@touch $@

.PHONY: demo
demo: .venv/installed ## Run the whole story on a real shop and say what was found
	$(BIN)/patron demo demo-shop

.PHONY: test
test: .venv/installed-dev ## Pass the tests (installs the servers they need where it may)
	@sh scripts/servers.sh
	$(BIN)/pytest -n auto --dist worksteal

.PHONY: check
check: .venv/installed-dev ## Format, lint, types, import rules, freshness of the docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/make_docs.py --check

.PHONY: format
format: .venv/installed-dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs
docs: .venv/installed-dev ## Write the generated dictionaries under docs/dictionary
	$(BIN)/python scripts/make_docs.py

.PHONY: bench
bench: .venv/installed-dev ## Speed and memory against named peers; results in benchmarks/results
	$(BIN)/pip install --quiet --group bench
	$(BIN)/python -m benchmarks

.PHONY: bench-large
bench-large: .venv/installed-dev ## Ten million customers, two hundred million order lines: an hour and 60 GB of disk
	$(BIN)/pip install --quiet --group bench
	$(BIN)/python -m benchmarks out_of_core --repeats 1

.PHONY: bench-accuracy
bench-accuracy: .venv/installed-dev ## Forecasts against named peers on real data: make bench-accuracy DATA=folder
	$(BIN)/pip install --quiet --group bench
	$(BIN)/python -m benchmarks.accuracy $(if $(DATA),--data $(DATA))

.PHONY: parity
parity: .venv/installed-dev ## Compare every reader of the definition, and write docs/parity.md
	$(BIN)/pytest -q -n 0 tests/parity --write-parity docs/parity.md

.PHONY: soak
soak: .venv/installed-dev ## Kill a process that streams five hundred times (about a quarter of an hour); nothing may be lost
	folder=$$(mktemp -d) && $(BIN)/python tests/streaming/killer.py $$folder 500 $(or $(SEED),1); status=$$?; rm -rf $$folder; exit $$status

.PHONY: clean
clean: ## Remove what the targets above have made
	rm -rf .venv demo-shop .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis benchmarks/worlds
