# One verb per need. Every target installs what it lacks into .venv first; nothing else has to be there
# but GNU make and a Python that is 3.11 or newer and can make virtual environments.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$p" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	{ echo "$$p"; break; }; done)
BIN := .venv/bin
STAMP := .venv/installed

.PHONY: help demo test check lint clauses bench serve clean .venv

help:
	@echo 'make demo    a small book, billed: usage, invoices, receipts, reminders'
	@echo 'make test    the whole gate: lint, then every test'
	@echo 'make check   the quick gate: lint, then the tests that need no database'
	@echo 'make lint    format, ruff, mypy, the order of imports, the migrations'
	@echo 'make clauses what became of each clause of the contracts, with the tests that prove it'
	@echo 'make bench   how many events and invoices a second, how fast limits are told'
	@echo 'make serve   the REST API on this machine'
	@echo 'make clean   stop the embedded server; remove .venv, caches, out and .clausula'

demo: .venv
	$(BIN)/clausula demo

test: lint
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

check: lint
	$(BIN)/python -m pytest tests/unit tests/architecture tests/golden

lint: .venv
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m db.migrate check

clauses: .venv
	$(BIN)/python -m tests.clauses

bench: .venv
	$(BIN)/python -m bench.ingest
	$(BIN)/python -m bench.conversations
	$(BIN)/python -m bench.invoice_run
	$(BIN)/python -m bench.limits

serve: .venv
	$(BIN)/clausula serve

clean:
	@if [ -e $(STAMP) ]; then $(BIN)/python -m db.embedded remove; fi
	rm -rf .venv .clausula out build *.egg-info
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo 'Clausula needs Python 3.11 or newer with venv and ensurepip;' \
		'name one: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@echo "Installing Clausula and its pinned dependencies into .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
