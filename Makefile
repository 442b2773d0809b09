# Everything a fresh machine needs comes from these targets: Python 3.11 or later, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Debian keeps what makes virtual environments in a package of its own. Whoever is root (in a bare
# container, say) gets it; everybody else is told.
GET_VENV := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "installing python3-venv" \
  && apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null

# Half of the tests wait most of the time, so one more than there are cores runs at once.
TEST = $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder \
  --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses 8

# Each module is compiled once, not by each of the processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-slow test-long test-rounds bench soak lint format clean

demo: $(VENV)/ready            ## twenty seconds of music steering a simulated Scope
	$(BIN)/nodegraph demo --duration 20

test: $(VENV)/ready-dev        ## the tests but for the slow ones
	$(TEST)

test-slow: $(VENV)/ready-dev   ## those: windows, kills, losses, hours, corpora
	$(TEST) -m slow

test-long: $(VENV)/ready-dev   ## all of them with many more examples, other ones each time (an hour)
	NODEGRAPH_LONG_TESTS=1 $(TEST)

# A hand at a real window: a patch is built, wired, refused, selected, undone, zoomed, played, killed.
HAND := $(patsubst %,tests/editor/test_ui_%.py,build wires selecting view live)
ROUNDS ?= 20

test-rounds: $(VENV)/ready-dev ## those at a real window, twenty times in a row (twenty minutes)
	@for round in $$(seq $(ROUNDS)); do echo "round $$round of $(ROUNDS)"; \
	  $(BIN)/python -m pytest -x $(HAND) || exit 1; done

bench: $(VENV)/ready-dev       ## how fast the engine is, and the sender, beside others (half an hour)
	$(BIN)/python tests/bench/bench_engine.py
	$(BIN)/python tests/bench/bench_sender.py
	$(BIN)/python -m pytest -m bench tests/bench

soak: $(VENV)/ready-dev        ## twelve hours of show in ten minutes, then one hour in real time
	$(BIN)/python tests/bench/bench_soak.py
	$(BIN)/python tests/bench/bench_soak.py --real 60

lint: $(VENV)/ready-dev        ## format, lint and types, as CI wants them
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/ready-dev      ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:                         ## remove what the targets above made
	rm -rf $(VENV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "nodegraph needs Python 3.11 or later; try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(GET_VENV); } \
	  || { echo "Python cannot make virtual environments here; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

NATIVE := $(wildcard nodegraph/native/*.[ch]) hatch_build.py

$(VENV)/ready: $(BIN)/python pyproject.toml $(NATIVE)
	$(PIP) install --editable .
	@touch $@

$(VENV)/ready-dev: $(BIN)/python pyproject.toml $(NATIVE)
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/ready
