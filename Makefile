# Needs Python 3.11 and make; everything else goes into an environment of its own.
PYTHON ?= python3.11
PIP = -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

DEMO = .venv-demo
TEST = .venv-test
SHOW = build/demo
SOURCES := $(shell find src -type f -not -name '*.pyc')

.PHONY: help demo test lint bench clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo   install without torch and segment a photograph of examples/'
	@echo 'make test   every check: ruff, mypy, the layers, the tests'
	@echo 'make lint   the same without the tests'
	@echo 'make bench  times and memory, beside a baseline'
	@echo 'make clean  remove the environments and what was built'

# A plain install, as a user does it: a change of the sources installs anew.
$(DEMO)/installed: pyproject.toml constraints.txt README.md $(SOURCES)
	$(PYTHON) -m venv --clear $(DEMO)
	$(DEMO)/bin/python $(PIP) .
	touch $@

# torch first: whatever is installed after it finds the CPU build and leaves it alone.
$(TEST)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(TEST)
	$(TEST)/bin/python $(PIP) torch
	$(TEST)/bin/python $(PIP) --editable '.[dev,serve,train,ray]'
	touch $@

demo: $(DEMO)/installed
	@mkdir -p $(SHOW)
	$(DEMO)/bin/biprompt segment examples/chelsea.jpg --point 220,140 --text cat --force \
	  -o $(SHOW)/mask.png --overlay $(SHOW)/overlay.png --card $(SHOW)/card.png
	@echo
	@echo 'mask            $(CURDIR)/$(SHOW)/mask.png'
	@echo 'overlay         $(CURDIR)/$(SHOW)/overlay.png'
	@echo 'selection card  $(CURDIR)/$(SHOW)/card.png'

lint: $(TEST)/installed
	$(TEST)/bin/python .ci/forbidden.py
	$(TEST)/bin/ruff check .
	$(TEST)/bin/mypy
	$(TEST)/bin/lint-imports --no-logo

# Two processes, a file at a time: the halves share no port, folder or cache.
test: lint
	$(TEST)/bin/python -m pytest --numprocesses 2 --dist loadfile

bench: $(TEST)/installed
	$(TEST)/bin/python $(PIP) --editable '.[dev,serve,train,ray,hub]'
	$(TEST)/bin/python -m benchmarks

clean:
	rm -rf $(DEMO) $(TEST) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
