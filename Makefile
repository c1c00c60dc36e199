# The commands of a working day; `make` lists them. Plain sh, GNU make 4.3, paths relative: a folder with spaces is fine.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-all check law bench bench-legacy bench-serving corpus-live docs fuzz soak container-test test-releases test-architectures clean

PYTHONS ?= python3.13 python3.12 python3.11 python3
PROCESSES ?= auto
SECONDS ?= 60
JOBS ?= 2
MODELS ?=
BASE ?=

python := .venv/bin/python
stamp := .venv/.installed-for
# One thread for each worker: pytest already keeps every core busy.
one_thread := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

# The stamp holds the folder: scripts in .venv name it, so a moved checkout needs a new environment.
ifneq ($(shell cat $(stamp) 2>/dev/null),$(CURDIR))
.PHONY: $(stamp)
endif

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

setup: $(stamp) ## make the environment .venv, when it is missing or stale

$(stamp): pyproject.toml
	@if test "$$(cat $(stamp) 2>/dev/null)" != "$(CURDIR)" || ! $(python) -c '' 2>/dev/null; then \
	  found=; \
	  for candidate in $(PYTHONS); do \
	    if "$$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	      found="$$candidate"; break; \
	    fi; \
	  done; \
	  if test -z "$$found"; then \
	    echo "make: no Python 3.11 or newer with its venv module among: $(PYTHONS)" >&2; \
	    echo "  Install one (Debian, Ubuntu: apt install python3-venv), or name it: make setup PYTHONS=/path/to/python3" >&2; \
	    exit 1; \
	  fi; \
	  echo "Making .venv with $$("$$found" --version) ($$found)"; \
	  "$$found" -m venv --clear .venv; \
	fi
	@echo "Installing hermetic and its tools into .venv"
	@$(python) -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@printf '%s\n' '$(CURDIR)' > $(stamp)

demo: $(stamp) ## see it work: real models saved, loaded, attacked
	@.venv/bin/hermetic demo

test: $(stamp) ## run every test of the default run
	@$(one_thread) $(python) -m pytest -q -n $(PROCESSES) -m 'not slow and not matrix'

test-all: $(stamp) ## run the slow tests and the version matrix as well
	@$(one_thread) $(python) -m pytest -q -n $(PROCESSES)

check: $(stamp) ## lint, format, types, house rules
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy
	@$(python) -m pytest -q tests/structure

corpus-live: $(stamp) ## prove that the hostile files of the corpus are alive, each in a throw-away process
	@$(one_thread) $(python) -m tests.corpus_legacy.live

law: $(stamp) ## judge every corpus: scan says clean exactly when load agrees
	@$(one_thread) $(python) -m tests.scanning.law zoo
	@$(one_thread) $(python) -m tests.scanning.law mutations 50
	@$(one_thread) $(python) -m tests.scanning.law tests/formats tests/codecs tests/laws tests/test_bad_input.py tests/test_arrays.py

bench: $(stamp) ## measure against pickle, joblib and skops
	@$(python) -m benchmarks

bench-legacy: $(stamp) ## measure reading the pickles and joblib files of the same models
	@$(python) -m benchmarks --backends "pickle,joblib,hermetic on pickle,hermetic on joblib" --no-scaling --output docs/benchmarks/legacy

bench-serving: $(stamp) ## measure the server against asking the model in the same process
	@$(python) -m benchmarks.serving

docs: $(stamp) ## run every example in the docstrings, check every link in the documentation
	@$(one_thread) $(python) -m pytest -q tests/documentation

fuzz: $(stamp) ## load and use hostile relatives of every model for SECONDS=60
	@$(python) -m fuzzing --seconds $(SECONDS) --jobs $(JOBS)

soak: SECONDS = 600
container-test: $(stamp) ## build an image with buildah, and ask the server in it (BASE=an image with the Python of .venv)
	@CONTAINER_BASE='$(BASE)' $(python) -m pytest -q -rs -n0 tests/deploy/containers/test_for_real.py

soak: $(stamp) ## a server at 80 % of what it can do, with swaps, killed workers and hostile clients, for SECONDS=600
	@$(one_thread) $(python) -m tests.soak.run --seconds $(SECONDS)

test-releases: $(stamp) ## every release of scikit-learn: models from each to each, and the tests in old ones (hours; needs uv)
	@$(one_thread) $(python) -m tests.releases.matrix
	@$(one_thread) $(python) -m tests.releases.matrix --other
	@$(one_thread) $(python) -m tests.releases.matrix --suite

test-architectures: $(stamp) ## load models of amd64, arm64, i386 and s390x on each of them (long; needs root and qemu)
	@$(one_thread) $(python) -m tests.architectures.exchange $(MODELS)

clean: ## remove the environment and every cache
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .bench-cache dist
