# Every target does its own set-up in .venv; nothing else is needed than Python 3.11 or newer (with venv) and make.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Of what somebody chose a part may hold no test: pytest says so with 5.
NONE_CHOSEN := $(if $(ARGS), || test $$? -eq 5)

.PHONY: help demo test soak lint bench fuzz dashboards lock clean

help:  ## Say what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/demo  ## A simulated city of 1,800 cameras, watched; ARGS="--cameras 200" for a smaller one
	@$(BIN)/camfleet demo $(ARGS)

test: .venv/dev  ## All tests but the longest; as root on Debian, missing servers are installed first
	@tests/install-servers.sh
	$(BIN)/python -P -m pytest -m "not soak" -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

soak: .venv/dev  ## The tests that take longer: 25 minutes, at most 45; SOAK_SHARE=0.2 for a fifth of their depth
	@tests/install-servers.sh
	@tests/install-servers.sh bench
	timeout 10m $(BIN)/python -P -m pytest -m "soak and alone" $(ARGS)$(NONE_CHOSEN)
	timeout 35m $(BIN)/python -P -m pytest -m "soak and not alone" -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)$(NONE_CHOSEN)

lint: .venv/dev  ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: .venv/dev  ## The benchmarks of docs/benchmarks.md
	@tests/install-servers.sh bench
	PYTHONPATH=. $(BIN)/python -P -m benchmarks $(ARGS)

fuzz: .venv/fuzz  ## Random bytes for every parser; ARGS="--seconds 600 --only rtsp" for longer, or for one
	PYTHONPATH=tests nice $(BIN)/python -P -m fuzz $(ARGS)

dashboards: .venv/dev  ## Write rules, alerts, dashboards and the runbook's page anew, from dashboards/
	PYTHONPATH=. $(BIN)/python -P -m dashboards

lock:  ## Lock the dependencies anew, with hashes
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra build pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra build --extra dev pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra build --extra fuzz pyproject.toml -o requirements-fuzz.lock

clean:  ## Remove what the other targets made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .fuzz

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (once) …"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "No virtual environment could be made: apt install python3-venv"; exit 1; }

.venv/demo: requirements.lock pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements-dev.lock .venv/demo
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

.venv/fuzz: requirements-fuzz.lock .venv/demo
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements-fuzz.lock
	@touch $@
