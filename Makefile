# `make` lists the targets. PYTHON makes the environment in .venv; all else runs in there.
PYTHON ?= python3
BIN := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
ENV ?= .venv
INSTALLED := $(ENV)/installed
VENV := $(ENV)/$(BIN)
RUN := $(VENV)/python -m
PEERS_RUN := .venv-peers/$(BIN)/python -m
OLDEST_RUN := .venv-oldest/$(BIN)/python -m
GPU_RUN := $(or $(GPU_PYTHON),.venv-gpu/$(BIN)/python) -m

CHAPTERS := $(wildcard intro.ipynb chapters/*.ipynb)
PEERS_CHAPTERS := $(shell grep -l '"requires": \[' $(CHAPTERS))
SOURCES := $(filter %.py %.cu %.js %.css %.json %.toml,\
  $(wildcard $(addsuffix /*.*,lrnlib lrnlib/* lrnlib/*/* tools tools/*)))
WORKERS := --numprocesses=auto --dist=loadgroup
GPU_REPORT := _build/gpu/tests.xml
NEWEST := _build/newest
VERIFIED := $(ENV)/verified
VERIFIED_FROM := $(INSTALLED) $(CHAPTERS) $(SOURCES) conftest.py Makefile
COMPLETE := _build/complete
WEB := tools/site/web/node_modules/.package-lock.json

.PHONY: help book serve site spelling test tests rest mutants lint execute figure lock repository peers \
  peers-tests peers-chapters bench dask experiment gpu clean colab oldest newest newest-run links \
  environments FORCE

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-14s%s\n", $$1, $$2}' Makefile

# Each environment, from .venv with requirements.txt to .venv-gpu with requirements-gpu.txt.
%/installed: FORCE
	@$(PYTHON) -m tools.environment $(if $(filter file,$(origin PYTHON)),--keep-python) \
	  $(if $(filter .venv-colab,$*),--no-lrnlib) $* $(or $(REQUIREMENTS),requirements$(*:.venv%=%).txt)

environments: .venv-peers/installed .venv-colab/installed $(WEB) ## what peers, colab and site need, to save waiting for it later

# The build runs no notebook: what it publishes is what nbval has verified, here, in `make test` or,
# for the chapters that need more, in `make peers`.
$(VERIFIED): $(VERIFIED_FROM)
	$(RUN) tools.notebooks.rules $(CHAPTERS)
	$(RUN) pytest --nbval $(WORKERS) --quiet $(CHAPTERS)
	@touch $@

book: $(VERIFIED) ## build the book and its PDF, EPUB and zips; it prints where the first page is
	@rm -rf _build/html $(COMPLETE)
	$(VENV)/jupyter-book build . --all -W -n --keep-going
	$(RUN) tools.downloads.build _build/html
	$(RUN) tools.site.check_html _build/html
	@touch $(COMPLETE)
	@echo "The first page: $(CURDIR)/_build/html/intro.html"

PORT ?= 8000
serve: $(INSTALLED) ## show the built book at http://localhost:8000 (PORT=8001 for another)
	@test -f $(COMPLETE) || { echo "There is no book yet: make book"; exit 1; }
	@echo "http://localhost:$(PORT)/intro.html (stop with Ctrl-C)"
	@$(RUN) http.server $(PORT) --bind localhost --directory _build/html

$(WEB): tools/site/web/package-lock.json tools/site/web/package.json
	npm ci --prefix tools/site/web --no-fund --no-audit
	@touch $@

spelling: $(INSTALLED) ## check the words of the book and of the code
	$(VENV)/typos

SITE_TESTS := tests/book/site/test_site.py tests/book/site/test_site_checks.py
# What is missing is a failure here. Lighthouse is timed, so nothing runs beside it.
site: export LRNLIB_REQUIRE_SITE = 1
site: export LRNLIB_REQUIRE_BROWSER = 1
site: $(INSTALLED) $(WEB) ## check the built book in a browser: offline, accessible; its speed (needs Node)
	@test -f $(COMPLETE) || { echo "There is no book yet: make book"; exit 1; }
	$(RUN) pytest --numprocesses=2 $(SITE_TESTS)
	$(RUN) pytest --capture=no tests/book/site/test_lighthouse.py

lint: $(INSTALLED) ## ruff and mypy
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(VENV)/zizmor --offline --quiet --strict-collection --persona auditor .github/workflows

# `find` prints something if a file is newer than the last verification, or if there was none.
UNVERIFIED = $(if $(shell find $(VERIFIED_FROM) -newer $(VERIFIED) 2>&1),$(CHAPTERS))
REST := tests/book/downloads tests/book/notebooks/test_colab.py
OTHERS := $(addprefix --ignore=,$(SITE_TESTS) $(REST))
test: ## lint, unit tests, and nbval over the chapters (unless they are verified as they are)
	@$(MAKE) --no-print-directory --jobs=2 lint tests

tests: $(INSTALLED)
	$(RUN) pytest --nbval $(WORKERS) -rs $(OTHERS) lrnlib tests README.md $(UNVERIFIED)
	@touch $(VERIFIED)

rest: $(INSTALLED) ## the tests of the downloads and of the rehearsal in Colab, which make test leaves out
	$(RUN) pytest $(WORKERS) -rs $(REST)

mutants: $(INSTALLED) ## put classic errors into the backends: the tests must find each (CHANGED=1: where needed)
	$(RUN) tests.library.mutation.mutants $(if $(CHANGED),--changed)

ONLY ?= $(CHAPTERS)
HERE = $(filter-out $(PEERS_CHAPTERS),$(ONLY))
THERE = $(filter $(PEERS_CHAPTERS),$(ONLY))
execute: $(INSTALLED) $(if $(THERE),.venv-peers/installed) ## run the chapters and store their outputs (ONLY=chapters/formula.ipynb)
	$(if $(HERE),$(RUN) tools.notebooks.execute $(HERE))
	$(if $(THERE),$(PEERS_RUN) tools.notebooks.execute $(THERE))

figure: $(INSTALLED) ## draw the figure of the README and the landing page
	$(RUN) lrnlib.book.figures images/lrn.svg

# A framework that is missing is a failure here.
peers: export LRNLIB_REQUIRE_PEERS = 1
peers: .venv-peers/installed ## what needs PyTorch, onnxruntime, JAX, …: chapters, tests, the conformance report
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target peers-tests peers-chapters
	$(PEERS_RUN) lrnlib.conformance

peers-tests:
	$(PEERS_RUN) pytest tests/peers

peers-chapters:
	$(PEERS_RUN) pytest --nbval $(PEERS_CHAPTERS)

# The libraries measured are no part of the book's environment.
bench: .venv-peers/installed ## time lrnlib beside TensorFlow, PyTorch, … and write the records (BENCH=--quick)
	$(PEERS_RUN) benchmarks.run cpu $(BENCH)
	$(PEERS_RUN) benchmarks.run keras $(BENCH)
	$(PEERS_RUN) benchmarks.run torch $(BENCH)

dask: .venv-peers/installed ## measure LRN of Dask arrays, with up to 10 GiB of temporary files (DASK=--quick)
	$(PEERS_RUN) benchmarks.dask $(DASK)

experiment: $(INSTALLED) ## train networks with and without LRN; it may be stopped and goes on (EXPERIMENT='--images 60000 --seeds 10')
	$(RUN) benchmarks.experiment $(EXPERIMENT)

# A GPU that is missing is a failure here.
gpu: export LRNLIB_REQUIRE_GPU = 1
gpu: export LRNLIB_TEST_BACKENDS = cupy
gpu: export PYTHONPATH = $(CURDIR)
gpu: $(if $(GPU_PYTHON),,.venv-gpu/installed) ## a GPU's tests, chapter, benchmark (BENCH=--quick; GPU_PYTHON=python3 installs nothing)
	@mkdir -p $(dir $(GPU_REPORT))
	$(GPU_RUN) pytest --junitxml=$(GPU_REPORT) -k cupy $(WORKERS) tests/library \
	  tests/peers/test_torch_cupy.py
	$(GPU_RUN) lrnlib.conformance --frameworks lrnlib-cupy
	$(GPU_RUN) pytest --nbval chapters/cupy_backend.ipynb
	$(GPU_RUN) benchmarks.run gpu --tests $(GPU_REPORT) $(BENCH)

# Colab's packages, and no lrnlib: each chapter installs it, from the last commit.
colab: .venv-colab/installed $(INSTALLED) ## run the chapters with what Colab has; each installs lrnlib by itself
	$(RUN) tools.colab.rehearsal .venv-colab/$(BIN)/python $(ONLY)

oldest: .venv-oldest/installed ## the library's tests with the oldest NumPy and Numba that it supports
	$(OLDEST_RUN) pytest $(WORKERS) tests/library lrnlib README.md

LOCK := uv pip compile --universal --python-version 3.11 --fork-strategy fewest \
  --custom-compile-command "make lock" --group book --output-file
# The chapters are compared by the tests, and executed once more in a copy: whether they run at
# all is another question than whether they print the same.
newest: $(INSTALLED) ## all tests, and the chapters executed, with the newest versions of all
	@mkdir -p $(NEWEST)
	$(RUN) $(LOCK) $(NEWEST)/requirements.txt --upgrade --quiet
	cp -r chapters $(wildcard intro.ipynb) $(NEWEST)
	$(MAKE) newest-run ENV=.venv-newest REQUIREMENTS=$(NEWEST)/requirements.txt

newest-run: $(INSTALLED)
	$(MAKE) test
	$(MAKE) rest
	$(RUN) tools.notebooks.execute $(addprefix $(NEWEST)/,$(filter-out $(PEERS_CHAPTERS),$(CHAPTERS)))

links: $(INSTALLED) ## ask the network whether the links lead anywhere
	$(VENV)/jupyter-book build . --builder linkcheck --keep-going

lock: $(INSTALLED) ## resolve pyproject.toml's versions into requirements.txt
	$(RUN) $(LOCK) requirements.txt

# The standard library is enough here, so this works before there is an environment.
repository: ## write the repository's address everywhere (REPO=owner/name)
	$(PYTHON) -m tools.repository $(REPO)

clean: ## remove the environments, everything built, and caches
	rm -rf .venv .venv-* _build build tools/site/web/node_modules lrnlib.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
