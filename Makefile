# `make` lists the targets. PYTHON makes the environment in .venv; all else runs in there.
PYTHON ?= python3
ENV ?= .venv
REQUIREMENTS ?= requirements.txt
BIN := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
VENV := $(ENV)/$(BIN)
RUN := $(VENV)/python -m
NBVAL := $(RUN) pytest --nbval --numprocesses=auto --dist=loadfile

PACKAGES := $(ENV)/packages
INSTALLED := $(ENV)/installed
PEERS := .venv-peers
PEERS_RUN := $(PEERS)/$(BIN)/python -m
PEERS_CHAPTERS := chapters/frameworks.ipynb
PEERS_TESTS := tests/peers
GPU := .venv-gpu
GPU_RUN := $(or $(GPU_PYTHON),$(GPU)/$(BIN)/python) -m
LIBRARY_TESTS := --numprocesses=auto --dist=loadfile tests/library
GPU_REPORT := _build/gpu/tests.xml
COLAB := .venv-colab
OLDEST := .venv-oldest
OLDEST_RUN := $(OLDEST)/$(BIN)/python -m
NEWEST := _build/newest
VERIFIED := $(ENV)/verified
CHAPTERS := $(wildcard chapters/*.ipynb)
LIBRARY := $(wildcard $(addprefix lrnlib/,*.py */*.py */*/*.py */*.cu */*/*.js */*/*.css) \
  lrnlib/book/records/*.json)
COMPLETE := _build/complete

WEB := tools/site/web/node_modules/.package-lock.json

.PHONY: help book serve site spelling test mutants lint execute figure lock repository peers bench gpu \
  clean colab oldest newest newest-run links

help:
	@echo "make book        build the book and its PDF, EPUB and zips; it prints where the first page is"
	@echo "make serve       show the built book at http://localhost:$(PORT)"
	@echo "make site        check the built book in a browser: offline, accessible; its speed (needs Node)"
	@echo "make spelling    check the words of the book and of the code (needs Node)"
	@echo "make test        lint, unit tests, and nbval over every chapter"
	@echo "make mutants     put classic errors into the backends, one by one: the tests must find each"
	@echo "make execute     run the chapters and store their outputs (ONLY=chapters/formula.ipynb)"
	@echo "make figure      draw the figure of the README and the landing page"
	@echo "make peers       what needs PyTorch, onnxruntime, JAX, …: a chapter, tests, the conformance report"
	@echo "make bench       time lrnlib beside TensorFlow, PyTorch, … and write the record (BENCH=--quick)"
	@echo "make gpu         on a machine with a GPU: its tests, its chapter, its benchmark and record"
	@echo "                 (BENCH=--quick; GPU_PYTHON=python3 takes that one and installs nothing)"
	@echo "make colab       run the chapters with what Colab has; each installs lrnlib by itself"
	@echo "make oldest      the library's tests with the oldest NumPy and Numba that it supports"
	@echo "make newest      all tests, and the chapters executed, with the newest versions of all"
	@echo "make links       ask the network whether the links lead anywhere"
	@echo "make lock        resolve pyproject.toml's versions into requirements.txt"
	@echo "make repository REPO=owner/name    write the repository's address everywhere"
	@echo "make clean       remove the environment, everything built, and caches"

$(PACKAGES): $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	$(PYTHON) -m venv --clear $(ENV)
	$(RUN) pip install --quiet --requirement $(REQUIREMENTS)
	@touch $@

$(INSTALLED): $(PACKAGES) pyproject.toml
	$(RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# The build runs no notebook: what it publishes is what nbval has verified, here or, for the
# chapter that needs more, in `make peers`.
$(VERIFIED): $(INSTALLED) $(CHAPTERS) $(LIBRARY) $(wildcard tools/*.py tools/*/*.py) conftest.py Makefile
	$(VENV)/python -m tools.notebooks.rules $(CHAPTERS)
	$(NBVAL) --quiet $(CHAPTERS)
	@touch $@

book: $(VERIFIED)
	@rm -rf _build/html $(COMPLETE)
	$(VENV)/jupyter-book build . --all -W -n --keep-going
	$(VENV)/python -m tools.downloads.build _build/html
	$(VENV)/python -m tools.site.check_html _build/html
	@touch $(COMPLETE)
	@echo "The first page: $(CURDIR)/_build/html/intro.html"

PORT ?= 8000
serve: $(INSTALLED)
	@test -f $(COMPLETE) || { echo "There is no book yet: make book"; exit 1; }
	@echo "http://localhost:$(PORT)/intro.html (stop with Ctrl-C)"
	@$(RUN) http.server $(PORT) --bind localhost --directory _build/html

$(WEB): tools/site/web/package-lock.json tools/site/web/package.json
	npm ci --prefix tools/site/web --no-fund --no-audit
	@touch $@

# What is missing is a failure here. Lighthouse is timed, so nothing runs beside it.
spelling: $(WEB)
	cd tools/site/web && npx cspell --config cspell.json --root ../../.. --no-progress --unique

site: export LRNLIB_REQUIRE_SITE = 1
site: export LRNLIB_REQUIRE_BROWSER = 1
site: $(INSTALLED) $(WEB)
	@test -f $(COMPLETE) || { echo "There is no book yet: make book"; exit 1; }
	$(RUN) pytest --numprocesses=2 tests/book/site/test_site.py tests/book/site/test_site_checks.py
	$(RUN) pytest --capture=no tests/book/site/test_lighthouse.py

lint: $(INSTALLED)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

test: lint
	$(NBVAL) -rs lrnlib tests README.md $(CHAPTERS)
	@touch $(VERIFIED)

mutants: $(INSTALLED)
	$(VENV)/python -m tests.library.mutation.mutants

ONLY ?= $(CHAPTERS)
HERE = $(filter-out $(PEERS_CHAPTERS),$(ONLY))
THERE = $(filter $(PEERS_CHAPTERS),$(ONLY))
execute: $(INSTALLED) $(if $(THERE),$(PEERS)/installed)
	$(if $(HERE),$(VENV)/python -m tools.notebooks.execute $(HERE))
	$(if $(THERE),$(PEERS)/$(BIN)/python -m tools.notebooks.execute $(THERE))

figure: $(INSTALLED)
	$(RUN) lrnlib.book.figures images/lrn.svg

$(PEERS)/installed: requirements-peers.txt pyproject.toml
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS_RUN) pip install --quiet --requirement requirements-peers.txt
	$(PEERS_RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# A framework that is missing is a failure here.
peers: export LRNLIB_REQUIRE_PEERS = 1
peers: $(PEERS)/installed
	$(PEERS_RUN) pytest --nbval $(PEERS_TESTS) $(PEERS_CHAPTERS)
	$(PEERS_RUN) lrnlib.conformance

# The libraries measured are no part of the book's environment.
bench: $(PEERS)/installed
	$(PEERS_RUN) benchmarks.run cpu $(BENCH)

$(GPU)/installed: requirements-gpu.txt pyproject.toml
	$(PYTHON) -m venv --clear $(GPU)
	$(GPU_RUN) pip install --quiet --requirement requirements-gpu.txt
	$(GPU_RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# A GPU that is missing is a failure here. The chapter comes before the record, since it prints
# the numbers of the one that is stored.
gpu: export LRNLIB_REQUIRE_GPU = 1
gpu: export PYTHONPATH = $(CURDIR)
gpu: $(if $(GPU_PYTHON),,$(GPU)/installed)
	@mkdir -p $(dir $(GPU_REPORT))
	$(GPU_RUN) pytest --junitxml=$(GPU_REPORT) -k cupy $(LIBRARY_TESTS)
	$(GPU_RUN) lrnlib.conformance --frameworks lrnlib-cupy
	$(GPU_RUN) pytest --nbval chapters/cupy_backend.ipynb
	$(GPU_RUN) benchmarks.run gpu --tests $(GPU_REPORT) $(BENCH)

# Colab's packages, and no lrnlib: each chapter installs it, from the last commit.
$(COLAB)/packages: requirements-colab.txt
	$(PYTHON) -m venv --clear $(COLAB)
	$(COLAB)/$(BIN)/python -m pip install --quiet --requirement $<
	@touch $@

colab: $(COLAB)/packages $(INSTALLED)
	$(VENV)/python -m tools.colab.rehearsal $(COLAB)/$(BIN)/python $(ONLY)

LOCK := uv pip compile --universal --python-version 3.11 --fork-strategy fewest \
  --custom-compile-command "make lock" --group book --output-file
lock: $(INSTALLED)
	$(RUN) $(LOCK) requirements.txt

$(OLDEST)/installed: requirements-oldest.txt pyproject.toml
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST_RUN) pip install --quiet --requirement requirements-oldest.txt
	$(OLDEST_RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

oldest: $(OLDEST)/installed
	$(OLDEST_RUN) pytest $(LIBRARY_TESTS) lrnlib README.md

# The chapters are compared by the tests, and executed once more in a copy: whether they run at
# all is another question than whether they print the same.
newest: $(INSTALLED)
	@mkdir -p $(NEWEST)
	$(RUN) $(LOCK) $(NEWEST)/requirements.txt --upgrade --quiet
	cp -r chapters $(NEWEST)
	$(MAKE) newest-run ENV=.venv-newest REQUIREMENTS=$(NEWEST)/requirements.txt

newest-run: $(INSTALLED)
	$(MAKE) test
	$(VENV)/python -m tools.notebooks.execute $(addprefix $(NEWEST)/,$(filter-out $(PEERS_CHAPTERS),$(CHAPTERS)))

links: $(INSTALLED)
	$(VENV)/jupyter-book build . --builder linkcheck --keep-going

# The standard library is enough here, so this works before there is an environment.
repository:
	$(PYTHON) -m tools.repository $(REPO)

clean:
	rm -rf .venv .venv-* _build build tools/site/web/node_modules lrnlib.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
