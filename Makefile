# Every target sets itself up from nothing but Python 3.11 or newer and make. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SUBMITTED ?= submitted

# nbgrader calls alembic and jupyter by name.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help book pdf screenshots check test needed exercises grade serve lab student

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

book: $(READY) ## build the book into _build/html; warnings and failing cells are errors
	$(BIN)/python -c 'from jupyter_book.cli.main import main; main()' build book --config _config.yml --path-output . -n -W --keep-going --quiet
	@echo "To read it on http://localhost:8000 instead: make serve"

pdf: book ## _build/convolution-counted.pdf: the whole book, printed by chromium
	$(BIN)/python book/_pdf/pdf.py

screenshots: book ## _build/screenshots: every page, light and dark, on a desk and on a phone
	$(BIN)/python tests/support/screenshots.py

check: $(READY) ## the quick loop, half a minute: ruff, the package, the checks, the examples in docstrings
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m ruff format --quiet --check .
	@echo "ruff: nothing to say. Now the quick tests; make test runs the slow ones too."
	@$(BIN)/python -m pytest --quiet -m "not slow" -n auto --dist worksteal

# First of all, before anything is installed or run.
needed:
	@.ci/missing --explain

test: needed $(READY) ## everything: package, docstrings, notebooks, nbgrader's cycle, the built book in a browser
	@echo "All tests, about 10 minutes on two cores; a dot is a test, the percentage how far it is."
	@$(BIN)/python -m pytest --quiet -n auto --dist loadfile --no-loadscope-reorder

exercises: $(READY) ## write exercises/ from solutions/
	$(BIN)/python -m autograder release

grade: $(READY) ## grade SUBMITTED (default: submitted) into gradebook.db, write feedback, print the marks
	$(BIN)/python -m autograder grade --submitted $(SUBMITTED)

serve: book ## the built book on http://localhost:8000
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

lab: $(READY) ## JupyterLab on the exercises
	$(BIN)/python -m jupyterlab exercises

student: $(READY) ## _build/student.zip: the wheel and the exercises, no solutions
	$(BIN)/python -m autograder student
