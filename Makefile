# make repro: environment, then the pipeline on params.yaml.   make test: environment, then all tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# DVC starts each stage as `python -m stages.NAME`: that must be the environment's Python.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: env repro celeba test test-fast check clean

env: $(VENV)/.complete

$(VENV)/.complete: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: expected Python 3.11 or newer, received $(PYTHON); say which: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing the packages: about 3 GB, some minutes. If interrupted, rerun the command."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]' || \
		{ echo "error: pip could not install the packages; without a network it may speak of conflicts: check network, proxy and free space (4 GB), then rerun" >&2; exit 1; }
	touch $@

# JOBS=2: independent stages side by side.
JOBS ?= 1

repro: env
	@python -m stages.plan
ifeq ($(JOBS),1)
	dvc repro
else
	python -m stages.sweep repro --jobs $(JOBS)
endif
	@cat data/report/answers.txt
	@echo "Open data/report/index.html and data/explorer/index.html"

# The posts' experiment. params.yaml takes the place of the quick start's; `git checkout params.yaml` brings it back,
# and `dvc repro` then restores the quick start's results from the cache.
celeba: env
	@git diff --quiet HEAD -- params.yaml || cmp -s params.yaml params.celeba.yaml || \
		{ echo "error: params.yaml: expected no uncommitted changes, since params.celeba.yaml would replace them" >&2; exit 1; }
	cp params.celeba.yaml params.yaml
	@python -m stages.plan
	dvc repro
	@cat data/report/answers.txt
	@echo "Open data/report/index.html and data/explorer/index.html"

# One process more than processors, since some wait for programs that they started; eight at most.
PROCESSES := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
PYTEST := $(BIN)/python -m pytest --numprocesses $(PROCESSES) --maxprocesses 8 --dist loadfile --no-loadscope-reorder

test: env
	$(PYTEST)

test-fast: env
	$(PYTEST) -m "not slow and not pipeline"

check: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV)
