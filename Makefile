# Everything runs in .venv; a target installs what it needs when pyproject.toml changed.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.run
DEV := .venv/.dev
PEERS := tests/peers/node_modules/.installed
NPM := $(shell command -v npm 2>/dev/null)

.PHONY: demo test check endurance bench screenshots peers clean

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

test: $(DEV) peers  ## all tests, loopback only
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(DEV)  ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

endurance: $(DEV)  ## at full size: kills of an import; 100,000 webhooks; 10,000 logins across 200 flips
	COCKPIT_ENDURANCE=1 $(BIN)/python -m pytest tests/jobs/test_crash.py tests/webhooks/test_tank.py tests/jobs/drain/test_drain.py \
		tests/proxy/test_flips.py

bench: $(DEV) peers  ## the figures of the README, as ratios measured in one run
	$(BIN)/python -m tests.bench

screenshots: $(DEV)  ## SVG and PNG of the real panes, from the seeded database of the tests
	$(BIN)/python -m tests.tui.screenshots screenshots
	$(BIN)/python -m tests.webhooks.picture screenshots

clean:
	rm -rf .venv tests/peers/node_modules
