# Everything runs in .venv; a target installs what it needs when pyproject.toml changed.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.run
DEV := .venv/.dev
PEERS := tests/peers/node_modules/.installed
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup
NPM := $(shell command -v npm 2>/dev/null)

.PHONY: demo test screens vendors check endurance bench screenshots peers clean

$(BIN)/python:
	$(PYTHON) -m venv .venv

$(RUN): $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sandbox,cognito,postgres,better-auth,openfeature]'
	@touch $@

$(DEV): $(RUN) pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --group test --group check --group screenshots
	@touch $@

$(PEERS): tests/peers/package-lock.json
	cd tests/peers && npm ci --no-audit --no-fund --silent
	@touch $@

peers: $(if $(NPM),$(PEERS))  ## the real servers of tests/peers, where node is installed

demo: $(RUN)  ## a whole migration against the sandbox; headless without a terminal
	@$(BIN)/cockpit demo

test: $(DEV) peers  ## the tests, loopback only; those of the screens and of vendors' servers are targets of their own
	$(PYTEST) --ignore=tests/tui --ignore-glob='tests/peers/test_*.py'

screens: $(DEV)  ## the tests of the cockpit's screens
	$(PYTEST) tests/tui

vendors: $(DEV) peers  ## the tests against vendors' servers and databases, at 20,000 and 200,000 users
	$(PYTEST) --ignore=tests/peers/sso tests/peers

check: $(DEV)  ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

endurance: $(DEV)  ## at full size: kills of an import; 100,000 webhooks; 10,000 logins across 200 flips
	COCKPIT_ENDURANCE=1 $(BIN)/python -m pytest tests/jobs/test_crash.py tests/webhooks/test_tank.py \
		tests/jobs/drain/test_drain.py tests/proxy/test_flips.py

bench: $(DEV) peers  ## the figures of the README, as ratios measured in one run
	$(BIN)/python -m tests.bench

screenshots: $(DEV)  ## SVG and PNG of the real panes, from the seeded database of the tests
	$(BIN)/python -m tests.tui.screenshots screenshots
	$(BIN)/python -m tests.webhooks.picture screenshots

clean:
	rm -rf .venv tests/peers/node_modules
