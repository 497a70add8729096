# Every target sets itself up from nothing but Python 3.11 or newer and make. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SUBMITTED ?= submitted

# nbgrader calls alembic and jupyter by name.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help book pdf screenshots test exercises grade serve lab student

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

book: $(READY) ## build the book into _build/html; warnings and failing cells are errors
	$(BIN)/jupyter-book build book --config _config.yml --path-output . -n -W --keep-going --quiet
	@echo "To read it on http://localhost:8000 instead: make serve"

pdf: book ## _build/convolution-counted.pdf: the whole book, printed by chromium
	$(BIN)/python book/_pdf/pdf.py

screenshots: book ## _build/screenshots: every page, light and dark, on a desk and on a phone
	$(BIN)/python tests/support/screenshots.py

test: $(READY) ## everything: package, docstrings, notebooks, nbgrader's cycle, the built book in a browser
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

exercises: $(READY) ## write exercises/ from solutions/
	$(BIN)/python -m autograder release

grade: $(READY) ## grade SUBMITTED (default: submitted) into gradebook.db, write feedback, print the marks
	$(BIN)/python -m autograder grade --submitted $(SUBMITTED)

serve: book ## the built book on http://localhost:8000
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

lab: $(READY) ## JupyterLab on the exercises
	$(BIN)/jupyter lab exercises

student: $(READY) ## _build/student.zip: the wheel and the exercises, no solutions
	$(BIN)/python -m autograder student
