# One line each, over the languages' own tools. Without make: `uv run whatsapp-mcp demo`, `uv run pytest`.
.DEFAULT_GOAL := help
.PHONY: help demo test build lint docs record fuzz soak bench browser

# uv where it is missing: into a folder of this checkout, so that nothing else on the machine changes.
UV_VERSION := 0.13.9
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
PYTHON ?= python3
# What Python has compiled is kept, as on everybody's machine: each start of the server would else compile it anew.
unexport PYTHONDONTWRITEBYTECODE

# Two processes share the test files, in their order: the long ones come first, and the small ones fill up the end.
TWO := --numprocesses 2 --dist loadfile --no-loadscope-reorder

help:
	@echo "make demo   the whole system on an emulated WhatsApp, no phone needed"
	@echo "make test   every test, lint and type check of all three languages"
	@echo "make browser  Chromium for the browser tests, from Debian's packages, where it is missing"
	@echo "make build  both bridges and the emulator"
	@echo "make lint   lint and types alone"
	@echo "make fuzz   throw things at the parsers, FUZZ_ROUNDS (200000) each"
	@echo "make bench  what is promised, measured; ARGS=--full asks five million messages too, ARGS='--only history' is one part"
	@echo "make soak   the kill tests at fifty moments, a history of 200,000 messages in disorder"
	@echo "make docs   draw what is drawn from the catalogue"
	@echo "make record ask every example of the documents again, and draw them"

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or later is needed: https://www.python.org/downloads/" >&2; exit 1; }
	@$(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet uv==$(UV_VERSION)

demo: $(UV)
	@$(UV) run --quiet whatsapp-mcp demo

test: $(UV)
	@$(UV) run --quiet pytest $(TWO)

# Fails nothing where it cannot be had: the tests then say that they ran without.
browser:
	@.ci/browser

build: $(UV)
	@$(UV) run --quiet whatsapp-mcp build

lint: $(UV)
	@$(UV) run --quiet pytest tests/house

docs: $(UV)
	@$(UV) run --quiet whatsapp-mcp docs

record: $(UV)
	@$(UV) run --quiet python tests/support/record.py
	@$(UV) run --quiet whatsapp-mcp docs

fuzz: $(UV)
	@FUZZ_ROUNDS=$${FUZZ_ROUNDS:-200000} $(UV) run --quiet pytest tests/house/test_fuzz.py

bench: $(UV)
	@$(UV) run --quiet python tests/bench $(ARGS)

soak: $(UV)
	@KILLS=$${KILLS:-50} HISTORY=$${HISTORY:-200000} $(UV) run --quiet pytest tests/soak
