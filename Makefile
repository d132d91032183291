# Needs Python 3.11 or newer and make; everything else is put into .venv.
SHELL := /bin/sh
PY := .venv/bin/python
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# Modules are compiled when they are first imported: few of what is installed ever are.
PIP := $(PY) -m pip install -q --no-compile --disable-pip-version-check --no-input --require-hashes
.DEFAULT_GOAL := run
.PHONY: setup setup-dev run test test-fast check lock faults bench shots reset

# A stamp holds the checksum of the lock that it was installed from. An environment whose Python we may not run was somebody else's.
define install
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and not in PATH." >&2; exit 1; }
	@sum=$$(cksum < $(1)); \
	if [ "$$(cat .venv/$(1).stamp 2>/dev/null)" != "$$sum" ] || ! $(PY) -c '' 2>/dev/null; then \
		echo "Installing $(1) into .venv" && \
		{ $(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv; } && \
		$(PIP) -r $(1) && echo "$$sum" > .venv/$(1).stamp && $(PY) -m config.place .venv; \
	fi
endef

setup:
	$(call install,requirements.lock)

setup-dev:
	$(call install,requirements-dev.lock)

run: setup
	@exec $(PY) manage.py up $(ARGS)

test: setup-dev
	$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

check: setup-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m djlint --lint templates
	@! grep -rnEi '<script[^>]*>[^<]|[[:space:]](style|on[a-z]+|hx-on[a-z:-]*)=' templates || { echo "The content security policy forbids inline script and style." >&2; exit 1; }

# The part for every save: no browser, no killed processes, no whole collections.
test-fast: setup-dev
	$(PY) -m pytest -n 2 --dist worksteal -m "not browser and not faults and not slow" $(ARGS)

faults: setup-dev
	$(PY) -m pytest -m faults $(ARGS)

bench: setup-dev
	@for file in $(wildcard bench/*.py); do $(PY) -m bench.$$(basename $$file .py) || exit 1; done

# uv is needed for this alone, and put into .venv for it.
lock: setup-dev
	$(PY) -m pip install -q --disable-pip-version-check uv
	for group in "" -dev; do \
		$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
			$${group:+--group dev -c requirements.lock} pyproject.toml -o requirements$$group.lock || exit 1; \
	done

shots: setup-dev
	$(PY) -m tools.shots $(ARGS)

reset:
	@if [ -x $(PY) ]; then $(PY) -m config.embedded; else rm -rf var; fi
