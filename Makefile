# Meshdeck. `make demo` runs all of it on this machine, `make test` tests it. `make help` names the rest.
PYTHON ?= python3
VENV = .venv/bin/python
SHELL = /bin/sh
.DEFAULT_GOAL = help

help: ## What there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

demo: ## Two OpenStack locations, an identity provider and the portal, until Ctrl-C
	@$(PYTHON) scripts/bootstrap.py demo
	@exec $(VENV) -m portal.demo

test: ## Check, then test everything: unit, cloud, faults, browser
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m scripts.test

check: ## Lint, types, layers, migrations, vendored files, pins, compose file
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m scripts.check

unit cloud faults browser: ## One kind of tests alone
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m scripts.test $@

test-tools: ## Prove what the tests are made with: the clouds, the stand-in of a foundation, the cast
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m scripts.test tools

test-faults: ## Kill workers a hundred times while 200 operations run: each has exactly one effect
	@$(PYTHON) scripts/bootstrap.py all
	@MESHDECK_FAULTS=full $(VENV) -m scripts.test faults

test-keycloak: ## Prove portal and cloud against a real Keycloak (from Maven Central)
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m pytest tests/keycloak

test-uaa: ## Hold the Cloud Foundry stand-in's checks against a real UAA (from Maven Central)
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m pytest tests/uaa

bench: ## Measure pages, refreshes, first load and memory
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m bench

bench-check: ## Fail when a page has become dear, as ratios of one short run
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m bench --check

lock: ## Pin everything below requirements.txt and requirements-dev.txt anew
	@$(PYTHON) scripts/bootstrap.py all
	@$(VENV) -m scripts.lock

reset: ## Forget the demo's data; the clouds go back to their seed
	@if [ -x $(VENV) ]; then $(VENV) -m portal.demo.reset; fi

clean: reset ## Remove everything that was made at run time, environments too
	@$(PYTHON) -m devcloud down >/dev/null 2>&1 || true
	rm -rf .meshdeck .venv .venv-devcloud .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.PHONY: help demo test check unit cloud faults browser test-tools test-faults test-keycloak test-uaa bench bench-check lock reset clean
