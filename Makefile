# Two commands for newcomers: `make run` (a whole dry run) and `make test`. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test test-browser test-heavy test-servers lint format clean

run: $(STAMP)
	$(BIN)/evolve run --dry-run

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal -m "not heavy and not browser"

# The page, clicked through in a Chromium that is already there (Debian: apt install chromium).
test-browser: $(STAMP)
	$(BIN)/pytest -m browser

# What takes long: clusters, kills at every step, batches that are waited for.
test-heavy: $(STAMP)
	$(BIN)/pytest -n 2 --dist worksteal -m heavy

# Against real servers, which are built once (see CONTRIBUTING.md).
test-servers: $(STAMP)
	tests/servers/test.sh

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The constraints are the whole list of versions; the stamp is renewed when they or the dependencies change.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV), once: a few minutes"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
