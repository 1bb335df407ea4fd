# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON = python3
ARGS =

RUN = @$(PYTHON) tests/tools/workspace.py
TESTS = $(RUN) python -m ansible_collections.huaweicloud.iotda.tests
WORK = $(CURDIR)/.work
# A test that its own limit (pyproject.toml) cannot end, ends with its worker, and shows where each thread stands.
PYTEST = $(RUN) pytest -q -o faulthandler_timeout=900 -o faulthandler_exit_on_timeout=true
DOCUMENTS = tests/system/test_documentation.py
RESULTS = $(WORK)/results
NODE = $(WORK)/node

.PHONY: help demo test unit system integration lint sanity docs build ci matrix conformance node simulator bench findings \
	fuzz mutation coverage release clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  make unit ARGS="-k signer -x" passes arguments to the tool behind the command.'
	@echo '  make unit PYTHON=python3.12 chooses the Python.'

demo: ## show the main job against a local simulator
	$(TESTS).tools.with_simulator --fleet demo -- bash tests/demo/run.sh $(WORK)

test: unit system integration ## run all tests
	$(TESTS).tools.summary $(RESULTS)

unit: ## test the parts, without a network
	$(PYTEST) -n 2 --junitxml=$(RESULTS)/unit.xml tests/unit tests/fuzz $(ARGS)

system: ## test modules, playbooks and roles against a local simulator
	$(PYTEST) -n 6 --dist worksteal --junitxml=$(RESULTS)/system.xml --ignore=$(DOCUMENTS) tests/system $(ARGS)

integration: ## run the integration targets against a local simulator or your account
	$(TESTS).integration.run $(ARGS)

lint: ## check style, types, YAML, Ansible content, licences, and that files agree with each other
	$(RUN) ruff check --quiet
	$(RUN) ruff format --diff --quiet
	$(RUN) mypy
	$(RUN) yamllint --strict .
	$(RUN) ansible-lint --offline --profile production --strict --nocolor
	$(RUN) lint-imports --no-cache --no-logo
	$(RUN) reuse --root $(CURDIR) lint --lines
	$(TESTS).tools.check_repository

sanity: ## run the sanity tests of ansible-test
	$(TESTS).tools.sanity $(ARGS)

docs: ## follow README and guides step by step, and build the documentation as HTML in .work/docs/html
	$(PYTEST) -n 5 $(DOCUMENTS) $(ARGS)
	$(TESTS).tools.docs_site $(WORK)/docs

build: ## build the tarball in .work/dist, and check it as Galaxy does
	$(TESTS).tools.build $(WORK)/dist

ci: ## run everything that must pass before a change is merged
	@$(MAKE) --no-print-directory -j2 lint sanity docs build
	@$(MAKE) --no-print-directory test demo
	@echo "All checks passed."

matrix: ## test with other versions of ansible-core, Python, requests and urllib3
	$(TESTS).tools.matrix $(WORK)/matrix $(ARGS)

conformance: ## compare the simulator or your account with the documents of the service
	$(TESTS).conformance $(ARGS)

node: ## let the official SDK for Node.js judge signatures and the simulator; needs Node.js and npm
	@command -v npm > /dev/null || { echo 'npm is not installed; install Node.js 20 or later with npm' >&2; exit 1; }
	@mkdir -p $(NODE)
	@cp tests/node_sdk/package*.json tests/node_sdk/.npmrc $(NODE)
	@cd $(NODE) && npm ci --loglevel=error
	$(RUN) env NODE_PATH=$(NODE)/node_modules pytest -q tests/node_sdk $(ARGS)

simulator: ## run the simulator in the foreground
	$(TESTS).simulator $(ARGS)

bench: ## measure the speed, and write docs/benchmarks.md
	$(TESTS).benchmarks --output $(CURDIR)/docs/benchmarks.md $(ARGS)

findings: ## show that what surprised us in other tools still does (minutes)
	@mkdir -p $(WORK)/findings; failed=0; for script in findings/*.sh; do \
		name=$$(basename $$script .sh); began=$$(date +%s); \
		bash $$script > $(WORK)/findings/$$name.log 2>&1 && ended='as described' || { ended=FAILED; failed=1; }; \
		echo "$$ended in $$(($$(date +%s) - began)) s: $$name"; \
	done; [ $$failed = 0 ] || { echo "What they printed is in $(WORK)/findings."; exit 1; }

fuzz: ## run the tests of random input with thousands of new cases
	$(RUN) env FUZZ_EXAMPLES=350 pytest -q --timeout 3600 tests/fuzz tests/system/test_signing_oracle.py $(ARGS)

mutation: ## break the code in hundreds of small ways, and count what the unit tests notice (an hour)
	$(TESTS).mutation $(WORK)/mutation $(ARGS)

coverage: ## list the lines that the unit and system tests do not reach
	$(PYTEST) -n 5 --cov --cov-report=term-missing tests/unit tests/system

release: ## check that a release can be made, run all checks, and build the tarball
	$(RUN) python tests/tools/release.py $(CURDIR)
	@$(MAKE) ci

clean: ## remove .work and .venv
	@rm -rf .work .venv
