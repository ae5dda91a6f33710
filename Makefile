# `make book` and `make test` set up everything they need; both resume and rerun nothing unchanged.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
TORCH := 2.13.0
SEEDS ?= 2
SHELL := /bin/bash
.DELETE_ON_ERROR:
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help env chromium jail editions run prove book test bench lint lock clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.ready  ## the environment of requirements.lock in .venv (1 min; 10 with a slow network)

# torch comes first and by pip: it takes a CPU build where one is at hand, and pip accepts any build
# of this version that is already installed. Nothing else in the lock may then replace it.
# Bytecode is compiled here: workers may write none, and would compile pandas anew each time.
$(VENV)/.ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import importlib.metadata as m; assert m.version("torch").split("+")[0] == "$(TORCH)"' 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet torch==$(TORCH)
	$(BIN)/python -m pip install --quiet uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --compile-bytecode -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	touch $@

# Any of the names that sixrounds/doctor.py knows will do. Without it the tests of the pages are
# skipped, and say so; under CI=true they fail.
chromium:  ## the browser that the tests of the pages use: by apt-get, if there is none and you are root
	@for name in chromium chromium-browser google-chrome; do type -P $$name && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && type -P apt-get > /dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium; \
	else echo "no Chromium: the tests of the pages will be skipped; run \`sudo apt-get install chromium\`"; fi

# Without these grading uses a weaker jail, or refuses. Tests of the jail are then skipped, and say
# so; under CI=true they fail. `sixrounds doctor` tries what holds.
jail:  ## what jails other people's answers: by apt-get, if it is not there and you are root
	@if type -P bwrap && /sbin/ldconfig -p | grep -m 1 libseccomp.so.2; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && type -P apt-get > /dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends bubblewrap libseccomp2; \
	else echo "no bubblewrap or libseccomp: run \`sudo apt-get install bubblewrap libseccomp2\` to grade in a jail (Linux only)"; fi

editions: env  ## make notebooks and hints from solutions/ (seconds)
	sixrounds editions

run: editions  ## execute each notebook whose inputs changed (10 s a notebook)
	sixrounds run

prove: env  ## grade every stub, reference, accepted answer and mistake under SEEDS=2 seeds (1 min)
	sixrounds prove --seeds $(SEEDS)

book: run  ## build the book and say where to open it (20 s after `make run`)
	sixrounds book

lint: env  ## ruff and mypy (10 s)
	ruff check .
	ruff format --check sixrounds tests
	mypy

test: env  ## everything CI checks: lint, editions, run, proof, book, browser, tests (10 min; what passed before is skipped)
	python -m sixrounds.stages

bench: env  ## against the named rivals, one run each (10 min; on a machine that does nothing else)
	python benchmarks/grading.py
	uv pip install --quiet --no-deps --target build/rivals -r benchmarks/rivals/requirements.txt
	python benchmarks/cuda.py

lock: requirements.in  ## resolve requirements.in anew into requirements.lock
	uv pip compile --quiet --python-version 3.11 --no-header --no-annotate requirements.in -o requirements.tmp
	printf '%s\n' '# Made by `make lock` from requirements.in; never edited by hand.' \
	  '# torch is installed by pip first (`make env`): any build of this version will do.' \
	  'torch==$(TORCH)' | cat - requirements.tmp > requirements.lock
	rm requirements.tmp

clean:  ## remove everything generated (the environment stays)
	rm -rf build _build
