# ogi-archive: the commands that a stranger needs. `make` alone prints them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo demo-country same test test-heavy test-slow test-browser lint types check docs man wheel accuracy judges bench clean

help: ## Print what there is.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,xlsx,parquet]'
	@touch $@

demo: $(STAMP) ## A season of five real reports on replica portals, then the site on http://127.0.0.1:8001/.
	$(BIN)/ogi demo --archive demo-data

demo-country: $(STAMP) ## Some thousand invented reports of all provinces and eight years, then the site on http://127.0.0.1:8001/.
	$(BIN)/ogi demo --country --archive demo-country-data

same: $(STAMP) ## What this checkout makes of known inputs against another commit: make same BASE=REVISION.
	$(BIN)/python .ci/same.py compare $(BASE)

test: $(STAMP) ## The tests that cost little: all rules, readers, queries and pages once. test-heavy and test-slow add the others.
	$(BIN)/python -m pytest -q -n 2 -m "not heavy and not slow and not browser"

test-heavy: $(STAMP) ## Whole commands, harvests and archives: a quarter of an hour on two cores (they wait for processes more than they compute).
	$(BIN)/python -m pytest -q -n 4 -m "heavy and not slow and not browser"

test-slow: $(STAMP) ## The long tests: kill -9, mutilated documents, fuzzing, simulated seasons.
	$(BIN)/python -m pytest -q -n 2 -m "slow and not browser"

test-browser: $(STAMP) ## The site in Debian's Chromium: tasks, accessibility, hostile pages. Pictures go to build/screenshots.
	OGI_SCREENSHOTS=build/screenshots $(BIN)/python -m pytest -q -m browser

lint: $(STAMP) ## ruff, and the import direction extract <- archive <- crawler.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python .ci/complexity.py

types: $(STAMP) ## mypy --strict.
	$(BIN)/mypy

check: lint types test test-heavy ## All that CI runs before building.

docs: $(STAMP) ## Renew the generated pages (data dictionary, commands, messages in Chinese, uses of the field guide).
	$(BIN)/python -m archive.index.dictionary > docs/data-dictionary.md
	$(BIN)/python -m crawler.cli.reference > docs/commands.md
	$(BIN)/python .ci/messages.py
	$(BIN)/python .ci/field_guide.py
	$(BIN)/python -m crawler.families.reference docs/portals.md

man: $(STAMP) ## Man pages of every command, into build/man.
	$(BIN)/python .ci/manpages.py build/man

wheel: $(STAMP) ## Build the wheel into dist/.
	$(BIN)/python -m build --wheel --outdir dist

accuracy: $(STAMP) ## Renew docs/accuracy.md: right, flagged, silently wrong, unread, for each carrier and table.
	$(BIN)/python -m bench.accuracy

judges: $(STAMP) ## Tools of others (warcio, FastWARC, cdxj-indexer, wacz, pywb, Frictionless) on our files.
	BIN=$(BIN) .ci/judges

bench: $(STAMP) ## All benchmarks, a line each; long.
	$(BIN)/python -m bench

clean: ## Remove the virtual environment, caches and builds.
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
