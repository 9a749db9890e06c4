# Every target sets up what it needs, once: a virtual environment that follows pyproject.toml.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNS := $(VENV)/.runs
READY := $(VENV)/.ready
TESTED_BY := $(BIN)/python
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo web test simulations check test-all test-lowest package test-sdist bench bench-mirror \
	bench-promises mutants reference docs format clean

# What it needs to run, and none of the tools for development.
demo: $(RUNS)
	@echo "1. Every NFT of 40 accounts, from a sandbox with a rate limit:"
	$(BIN)/ledger-async nfts --sandbox --format table
	@rm -f demo.db demo.db-* demo.db.*
	@echo "2. The same, mirrored into a file of SQLite:"
	$(BIN)/ledger-async mirror nfts --sandbox --to sqlite:demo.db
	@echo "3. A question to that file:"
	$(BIN)/python scripts/demo_query.py demo.db

# One page on a sandbox: open the address that is printed.
web: $(READY)
	@$(BIN)/python scripts/web_demo.py

# `make test-sdist` has it run by coverage instead, which takes a third longer.
test: $(READY)
	$(TESTED_BY) -m pytest -q -n auto -m "not heavy"

simulations: $(READY)
	$(BIN)/python -m pytest -q -n auto -m heavy

check: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

test-all: $(READY)
	@scripts/test-all

test-lowest: .venv-package/.ready
	@scripts/test-lowest

# The sdist and the wheel, in dist/.
package: .venv-package/.ready
	@scripts/package

test-sdist: $(READY) package
	@scripts/test-sdist

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

# Some hundred changes to decisions, one by one; each that no test notices is shown.
mutants: $(READY)
	@$(PIP) --group mutants
	@$(BIN)/python scripts/mutants

reference: $(READY)
	$(BIN)/python scripts/model_names.py
	$(BIN)/python scripts/reference.py

# A site of the pages in docs/, in which no link is broken; it needs nothing of the package.
docs: .venv-docs/.ready
	.venv-docs/bin/sphinx-build --quiet --fail-on-warning --nitpicky docs docs/_build/html
	@echo "docs/_build/html/index.html"

format: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf .venv .venv-* dist docs/_build mutants demo.db*

$(RUNS): pyproject.toml
	@echo "Installing ledger_async and its command line into $(VENV) (some 50 MB) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --editable ".[cli]"
	@touch $@

# pip reads dependency groups from 25.1 on; the one that comes with Python may be older.
$(READY): $(RUNS)
	@echo "Installing the tools for development into $(VENV) (390 MB, a minute or two) …"
	@$(PIP) --upgrade "pip>=25.1"
	@$(PIP) --editable ".[cli]" --group dev
	@touch $@

# Tools that have an environment of their own: those of the group that it is named after.
.venv-%/.ready: pyproject.toml
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --group $*
	@touch $@
