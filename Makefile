# make dashboard     set up and open the dashboard (CITY=data/nyc for another city)
# make test          set up what the tests need, Chromium included, and run the tests
# make check         format, lint, types, ladder, docstrings, tests
# make browser-full  the browser tests in every language, and whatever else is marked full
# make newest        the tests with the newest versions that the pins allow
# make lock          requirements.lock anew: every package the product runs with, with its hashes
# make audit         known vulnerabilities of the lock (ADVISORIES=folder of OSV files, else the network)
# make release       bill of materials (CycloneDX, with licences) of what the lock installs
.DEFAULT_GOAL := help
.PHONY: help dashboard test newest browser-full check lint types bench docs lock audit release clean

PYTHON ?= python3
VENV ?= .venv
NEWEST ?= .venv-newest
RELEASE ?= .venv-release
BIN := $(VENV)/bin
CITY ?= data/demo
PYTEST_ARGS ?=
SPREAD := -n auto --dist loadfile --no-loadscope-reorder

help:
	@sed -n 's/^# //p' Makefile

$(VENV)/.run: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed: apt install python3 (or set PYTHON=...)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "The venv module is needed: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

dashboard: $(VENV)/.run
	CITY=$(CITY) $(BIN)/streamlit run dashboard.py

test: $(VENV)/.dev
	@$(BIN)/python tools/browser.py
	$(BIN)/python -m pytest $(SPREAD) $(PYTEST_ARGS)

newest:
	@test -x $(NEWEST)/bin/python || $(PYTHON) -m venv $(NEWEST)
	$(NEWEST)/bin/python tools/newest.py > $(NEWEST)/requirements.txt
	$(NEWEST)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
	  --upgrade-strategy eager -r $(NEWEST)/requirements.txt
	@$(NEWEST)/bin/python tools/newest.py moved
	@$(NEWEST)/bin/python tools/browser.py
	$(NEWEST)/bin/python -m pytest $(SPREAD) $(PYTEST_ARGS)

browser-full: $(VENV)/.dev
	@$(BIN)/python tools/browser.py
	$(BIN)/python -m pytest $(SPREAD) -m "browser or full" $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python -m numpydoc lint $$(git ls-files 'analysis/*.py')

types: $(VENV)/.dev
	$(BIN)/mypy

check: lint types test

bench: $(VENV)/.dev
	$(BIN)/python -m bench.run

docs: $(VENV)/.dev
	$(BIN)/python -m tools.docs

$(RELEASE)/.tools: requirements-release.txt
	@test -x $(RELEASE)/bin/python || $(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

lock: $(RELEASE)/.tools
	$(RELEASE)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  --output-file requirements.lock requirements.txt

audit: $(RELEASE)/.tools
	$(RELEASE)/bin/python -m tools.audit --advisories "$(ADVISORIES)" $(AUDIT_ARGS)

release: $(RELEASE)/.tools requirements.lock
	rm -rf $(RELEASE)/locked
	$(RELEASE)/bin/python -m venv --without-pip $(RELEASE)/locked
	$(RELEASE)/bin/python -m pip --python $(RELEASE)/locked/bin/python install --quiet \
	  --disable-pip-version-check --require-hashes -r requirements.lock
	@mkdir -p out
	$(RELEASE)/bin/cyclonedx-py environment --output-reproducible --output-format JSON \
	  --output-file out/sbom.cdx.json $(RELEASE)/locked/bin/python
	$(RELEASE)/bin/python -m tools.licences $(RELEASE)/locked

clean:
	rm -rf $(VENV) $(NEWEST) $(RELEASE) .pytest_cache .mypy_cache .ruff_cache .hypothesis
