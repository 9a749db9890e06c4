# Every target sets up what it needs, once: a virtual environment that follows pyproject.toml.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo web test simulations check test-all bench bench-mirror bench-promises reference format clean

demo: $(READY)
	$(BIN)/ledger-async nfts --sandbox --format table
	@rm -f demo.db demo.db-* demo.db.*
	$(BIN)/ledger-async mirror nfts --sandbox --to sqlite:demo.db
	$(BIN)/python scripts/demo_query.py demo.db

# One page on a sandbox: open the address that is printed.
web: $(READY)
	@$(BIN)/python scripts/web_demo.py

test: $(READY)
	$(BIN)/coverage run -m pytest -q -n auto -m "not heavy"
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

simulations: $(READY)
	$(BIN)/python -m pytest -q -n auto -m heavy

check: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

test-all: $(READY)
	@scripts/test-all

# What benchmarks are beside is installed where that is possible, and else left out.
bench: $(READY)
	@$(BIN)/python benchmarks/install_peers.py
	$(BIN)/python benchmarks/compare.py

bench-mirror: $(READY)
	@$(BIN)/python benchmarks/install_peers.py
	$(BIN)/python benchmarks/mirror.py
	$(BIN)/python benchmarks/fleets.py

bench-promises: $(READY)
	$(BIN)/python benchmarks/listings.py
	$(BIN)/python benchmarks/governor.py
	$(BIN)/python benchmarks/leaving.py
	$(BIN)/python benchmarks/priority.py
	$(BIN)/python benchmarks/mirror_kills.py
	$(BIN)/python benchmarks/limiter.py

reference: $(READY)
	$(BIN)/python scripts/model_names.py
	$(BIN)/python scripts/reference.py

format: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf .venv .venv-* demo.db*

# pip reads dependency groups from 25.1 on; the one that comes with Python may be older.
$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[cli]" --group dev
	touch $@
