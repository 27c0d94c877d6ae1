# Everything this repository does. `make help` lists the targets.
# Needed: make, Python >= 3.11 with venv; a C++ compiler is optional.

PYTHON ?= python3
VENV ?= .venv
OUT ?= out
THREADS ?= 2
JOBS ?= 2

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
NATIVE := $(wildcard CMakeLists.txt) $(shell find native -type f 2>/dev/null)
PYTEST := $(BIN)/python -m pytest --doctest-modules tests src/gramian -n $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help install tour test test-full test-nightly test-no-compiler test-neon sanitize check bench docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

install: $(STAMP) ## make the virtual environment and install the package in it

$(STAMP): pyproject.toml constraints.txt $(NATIVE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "gramian needs Python 3.11 or later; name one: make PYTHON=/path/to/python3" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt \
	  --config-settings=cmake.define.GRAMIAN_STRICT=ON --editable ".[dev,docs]"
	@touch $@

tour: $(STAMP) ## run the main job on built-in data and write its report
	@mkdir -p $(OUT)
	$(BIN)/gramian tour --report $(OUT)/tour.html
	@echo "Report: $(abspath $(OUT)/tour.html)"

test: $(STAMP) ## the fast tests (minutes), doctests included
	$(PYTEST) -m "not full and not nightly"

test-full: $(STAMP) ## every test but the nightly ones; REST=1 leaves out those of `make test`
	$(PYTEST) -m "$(if $(REST),full and )not nightly"

test-nightly: $(STAMP) ## every test, with many more random examples, and the sanitizers
	$(PYTEST) --hypothesis-profile=nightly
	$(MAKE) sanitize

test-no-compiler: $(STAMP) ## install where no C++ compiler is found, and run on the torch backend
	tools/install_without_compiler.sh $(VENV)

test-neon: ## the compiled core on arm64, emulated; needs a cross compiler and QEMU
	tools/test_neon.sh

sanitize: $(STAMP) ## the native tests under ASan, UBSan and TSan, built by GCC; FILTER=fuzz picks some
	tools/sanitize.sh $(VENV) $(JOBS) $(if $(FILTER),"$(FILTER)")

check: $(STAMP) ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy benchmarks tools

bench: $(STAMP) ## time the benchmark cases; FILTER=nearest picks some
	$(BIN)/python -m benchmarks run --threads $(THREADS) --date "$$(date -u +%Y-%m-%d)" \
	  $(if $(FILTER),--filter $(FILTER)) $(if $(QUICK),--quick)

docs: $(STAMP) ## build the site in docs/_build; any warning is an error
	$(BIN)/python -m sphinx -W --keep-going -n -q -b html docs docs/_build
	@echo "Site: $(abspath docs/_build/index.html)"

clean: ## remove what was built, but not the virtual environment
	rm -rf build dist $(OUT) docs/_build docs/api/generated .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +
