# What contributors, CI and a release run. `make check` is all that a change has to pass.

PYTHON ?= python3
BIN := .venv/bin
TESTS := $(shell grep '^python3 -m venv .*pytest$$' README.md)

.PHONY: check test lint types contract docs base dist pythons installs lowest audit sbom clean

check: test lint types contract docs base dist

test: ## the README's own command, on all cores and with coverage
	$(TESTS) -n auto --dist loadfile --cov --cov-fail-under=98

lint:
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types:
	$(BIN)/mypy

contract:
	$(BIN)/lint-imports

docs:
	$(BIN)/sphinx-build -q -W -b html docs docs/_build

base: ## the wheel without extras, as a new user meets it
	$(BIN)/python dev/check_base_install.py

dist: ## wheel and sdist: the same bytes twice, whole, installed from both
	$(BIN)/python dev/check_distributions.py --output dist

pythons: ## the wheel on every Python that is given: make pythons PYTHONS="python3.12 python3.13"
	$(BIN)/python dev/check_distributions.py --pythons $(PYTHONS)

lowest: ## the tests that need no torch, on the oldest versions that pyproject.toml allows
	$(BIN)/python dev/check_lowest.py

installs: ## size and time of each extra
	$(BIN)/python benchmarks/installs.py

audit: ## known holes in what is installed; asks the Python advisory database
	$(BIN)/pip-audit --requirement constraints.txt --disable-pip --no-deps

sbom: ## what a base install consists of, as CycloneDX
	$(BIN)/python dev/make_sbom.py --output dist/emoconv.cdx.json

clean:
	rm -rf build dist docs/_build .coverage .mypy_cache .ruff_cache .pytest_cache
