# Everything runs in an environment of its own, .venv; `make help` says what there is to do.
PYTHON ?= python3
# Three on two processors: a fifth of the time tests wait, for processes, servers and a browser.
WORKERS ?= 3
MINUTES ?= 10
VENV := .venv
RUN := $(VENV)/bin/python
BENCH := build/benchmarks
KERNEL := logreport/kernel/kernel.so
KERNEL_SOURCES := hatch_build.py $(wildcard logreport/kernel/*.[ch])
PANGO := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
HAS_PANGO := import ctypes; [ctypes.CDLL(f"lib{name}.so.0") for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")]

.PHONY: help report test fuzz lint benchmark clean

help: ## say what there is to do
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 20

report: $(VENV)/report.stamp ## turn sample_logs/ into report/
	@if ! $(RUN) -c '$(HAS_PANGO)' 2>/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Pango, which draws the PDF, is missing: installing $(PANGO)"; \
	  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $(PANGO); } \
	    >$(VENV)/apt.log 2>&1 || echo "that failed; $(VENV)/apt.log says why"; \
	fi
	@formats=html,pdf,md; \
	if ! $(RUN) -c '$(HAS_PANGO)' 2>/dev/null; then \
	  formats=html,md; \
	  echo "No PDF this time, because Pango is missing; install it with: apt install $(PANGO)"; \
	fi; \
	$(RUN) -m logreport report sample_logs -o report --format $$formats
	@echo "The report is in report/; open one of these:"; ls -d report/*.html report/*.pdf report/*.md 2>/dev/null | sed 's/^/  /'

test: lint ## run every check and every test
	$(RUN) -m pytest -n $(WORKERS) --dist worksteal

fuzz: $(VENV)/test.stamp ## run the property tests with fresh seeds; MINUTES=10 says for how long
	$(RUN) tests/fuzz.py $(MINUTES) -n $(WORKERS) --dist worksteal

lint: $(VENV)/test.stamp ## check style and types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	@if command -v clang-format >/dev/null; then clang-format --dry-run -Werror logreport/kernel/*.[ch] tests/grammar/*.c; fi

benchmark: $(VENV)/test.stamp $(BENCH)/dense.log $(BENCH)/sparse.log $(BENCH)/many ## measure speed on generated logs
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(RUN) $$script $(BENCH) || exit; done

$(BENCH)/dense.log $(BENCH)/sparse.log $(BENCH)/many: benchmarks/generate.py | $(VENV)/test.stamp
	@mkdir -p $(BENCH)
	$(RUN) benchmarks/generate.py $(basename $(notdir $@)) $@

clean: ## remove what was built here
	rm -rf $(VENV) $(KERNEL) build dist report .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is missing or older than 3.11; name a newer one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "error: Python's venv module is missing; install it with: apt install python3-venv" >&2; exit 1; }
	@echo "Installing logreport and what it needs into $(VENV); this takes a minute, and only the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install -q --disable-pip-version-check --upgrade 'pip>=25.1' # the first pip that knows --group
	@touch $@

$(VENV)/report.stamp: pyproject.toml $(KERNEL_SOURCES) | $(VENV)/pip.stamp
	@$(RUN) -m pip install -q -e '.[pdf]'
	@test -e $(KERNEL) || echo "No C compiler, so logreport reads with Python alone; this makes it faster: apt install gcc"
	@touch $@

$(VENV)/test.stamp: pyproject.toml $(KERNEL_SOURCES) | $(VENV)/pip.stamp
	@$(RUN) -m pip install -q -e '.[pdf]' --group dev
	@$(RUN) -m pip install -q --no-deps tf-keras # with its dependencies it brings a second TensorFlow
	@touch $@ $(VENV)/report.stamp
