# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The commands of the repository; "make help" lists them. Python 3.10 or later, make, bash and git are all they need:
# the rest goes into .venv and .work, here in the checkout.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
# One after another, also with -j: they share the staged copy.
.NOTPARALLEL:

USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	"$$python" -c '$(USABLE)' 2>/dev/null && echo "$$python" && break; done)
endif
PYTHON_VERSION := $(shell $(if $(PYTHON),$(PYTHON),false) -c \
	'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

WORK := $(CURDIR)/.work
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
VENV_READY := $(VENV)/ready-$(PYTHON_VERSION)
STAGED := $(WORK)/ansible_collections/huaweicloud/iotda
TESTS := ansible_collections.huaweicloud.iotda.tests

# The tools find the staged copy, and no settings of the user.
WITH_TOOLS = env HOME=$(WORK)/home PATH="$(BIN):$$PATH" VIRTUAL_ENV=$(VENV) PYTHONPATH=$(WORK) \
	ANSIBLE_COLLECTIONS_PATH=$(WORK) ANSIBLE_HOME=$(WORK)/home/.ansible ANSIBLE_NOCOWS=1 \
	PYTHONDONTWRITEBYTECODE=1
IN_STAGE = cd $(STAGED) && $(WITH_TOOLS)
ANSIBLE_TEST_OPTIONS = --local --python $(PYTHON_VERSION) --color no --truncate 0
PIP_NOISE := ^(Installing requirements|Using cached pip|Looking in|Processing|Collecting|  Downloading|  Using cached
PIP_NOISE := $(PIP_NOISE)|     [^ ]|Installing collected|Successfully installed|Uninstalling|.*Successfully uninstalled
PIP_NOISE := $(PIP_NOISE)|WARNING: (Location|Using locale|Skipping .* as it is not installed))
say = @printf '\n== %s\n' '$(1)'

# Words after a command go to the tool behind it: make unit ARGS="-k signing -x"
ARGS ?=

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  PYTHON=python3.12 chooses the Python; ARGS="-k signing" goes to the tool behind unit, system,'
	@echo '  integration, faults, fuzz, sanity, matrix, mutants, simulator and bench.'

.PHONY: python
python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No usable Python was found: install Python 3.10 or later with its venv module," \
			"or name it, as in: make PYTHON=/usr/bin/python3.12 ..." >&2; exit 1; fi
	@if ! $(PYTHON) -c '$(USABLE)' 2>/dev/null; then \
		echo "$(PYTHON) does not serve: it must be Python 3.10 or later and have the modules venv and ensurepip" \
			"(on Debian and Ubuntu, the package python3-venv)." >&2; exit 1; fi

$(VENV)/ready-%: tests/requirements.txt | python
	@mkdir -p $(WORK)
	@echo "Setting up .venv with Python $(PYTHON_VERSION); this takes a minute or two ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input -r tests/requirements.txt \
		> $(WORK)/pip.log 2>&1 || { tail -n 15 $(WORK)/pip.log | cut -c 1-500 >&2; \
		echo "pip could not install tests/requirements.txt; all it said is in .work/pip.log" >&2; exit 1; }
	@touch $@

.PHONY: venv
venv: python ## set up .venv, as every command does by itself
	@$(MAKE) $(VENV_READY)

.PHONY: stage
stage: venv ## copy the checkout to .work/ansible_collections/huaweicloud/iotda
	@mkdir -p $(WORK)/home
	@$(BIN)/python tests/tools/stage.py --work $(WORK) --quiet

.PHONY: demo
demo: stage ## see the main job done against a local simulator
	@$(IN_STAGE) python -m $(TESTS).tools.with_simulator --fleet demo -- bash tests/demo/run.sh $(WORK)

.PHONY: test
test: unit system integration ## unit, system and integration tests

.PHONY: unit
unit: stage ## test the parts, without a network
	$(call say,pytest tests/unit tests/fuzz)
	@$(IN_STAGE) python -m pytest -n 2 -q tests/unit tests/fuzz $(ARGS)

.PHONY: system
system: stage ## test the whole against a local simulator
	$(call say,pytest tests/system)
	@$(IN_STAGE) python -m pytest -n 2 -q tests/system $(ARGS)

.PHONY: faults
faults: stage ## of the system tests, only the matrix of faults
	@$(IN_STAGE) python -m pytest -n 2 -q tests/system/faults $(ARGS)

EXAMPLES ?= 350

.PHONY: fuzz
fuzz: stage ## thousands of random answers, files and options, other ones each time
	@$(IN_STAGE) FUZZ_EXAMPLES=$(EXAMPLES) python -m pytest -q tests/fuzz $(ARGS)

.PHONY: integration
integration: stage ## run the integration targets of ansible-test against a local simulator, for real and in check mode
	$(call say,ansible-test integration)
	@$(IN_STAGE) python -m $(TESTS).integration.run --python $(PYTHON_VERSION) \
		$(addprefix --config ,$(wildcard $(CURDIR)/tests/integration/integration_config.yml)) $(ARGS)

.PHONY: lint lint-python lint-types lint-yaml lint-ansible lint-repository
lint: lint-python lint-types lint-yaml lint-ansible lint-repository ## check style, types, YAML, and Ansible content

lint-python: venv
	$(call say,ruff)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --diff --quiet .

TYPED = plugins $(wildcard tests/benchmarks tests/demo/fleet.py tests/integration/run.py tests/mutants tests/simulator tests/tools)
PREFIX := ansible_collections/huaweicloud/iotda/

lint-types: stage
	$(call say,mypy --strict)
	@cd $(WORK) && PYTHONPATH= MYPYPATH=$(WORK) $(BIN)/mypy --no-error-summary --cache-dir $(WORK)/mypy \
		--config-file $(STAGED)/pyproject.toml $(addprefix $(PREFIX),$(TYPED)) | sed 's#^$(PREFIX)##'

lint-yaml: venv
	$(call say,yamllint)
	@$(BIN)/yamllint --strict .

lint-ansible: stage
	$(call say,ansible-lint)
	@$(IN_STAGE) ansible-lint --offline --profile production --strict --nocolor

lint-repository: stage
	$(call say,the files of the repository agree with each other)
	@$(IN_STAGE) python -m $(TESTS).tools.check_repository

.PHONY: sanity
sanity: stage ## run ansible-test's sanity tests, and the unit tests under it
	@rm -rf $(STAGED)/tests/output
	@$(BIN)/python tests/tools/sanity_home.py $(WORK)/home
	$(call say,ansible-test sanity)
	@$(IN_STAGE) ansible-test sanity $(ANSIBLE_TEST_OPTIONS) $(ARGS) 2>&1 | sed -E '/$(PIP_NOISE)/d'
	$(call say,ansible-test units)
	@$(IN_STAGE) ansible-test units $(ANSIBLE_TEST_OPTIONS)

.PHONY: docs
docs: stage ## check the documentation, build it as HTML in .work/docs/html, and check the changelog fragments
	$(call say,antsibull-docs)
	@$(IN_STAGE) antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --check-extra-docs-refs \
		--validate-collection-refs all --disallow-unknown-collection-refs .
	$(call say,Sphinx)
	@$(IN_STAGE) python -m $(TESTS).tools.docs_site $(WORK)/docs
	$(call say,antsibull-changelog)
	@$(IN_STAGE) antsibull-changelog lint

.PHONY: build
build: stage ## build the tarball in .work/dist, and check it as Galaxy does
	$(call say,ansible-galaxy collection build)
	@rm -rf $(WORK)/dist
	@$(IN_STAGE) ansible-galaxy collection build --force --output-path $(WORK)/dist
	$(call say,galaxy_importer)
	@cd $(WORK)/dist && $(WITH_TOOLS) python -m galaxy_importer.main *.tar.gz 2>&1 | tee import.log
	@! grep -E '^(WARNING|ERROR|CRITICAL)' $(WORK)/dist/import.log > /dev/null || \
		{ echo 'Galaxy would complain: see above' >&2; exit 1; }

.PHONY: bench
bench: stage ## measure how fast it is, and write docs/benchmarks.md (not with ARGS=--quick)
	@$(IN_STAGE) python -m $(TESTS).benchmarks \
		$(if $(findstring --quick,$(ARGS)),,--output $(CURDIR)/docs/benchmarks.md) $(ARGS)

.PHONY: simulator
simulator: stage ## run the simulator in the foreground, and print the variables to export
	@$(IN_STAGE) python -m $(TESTS).simulator $(ARGS)

.PHONY: coverage
coverage: stage ## tell which lines of plugins/ the unit and system tests do not reach
	@$(IN_STAGE) python -m pytest -q -n 2 --cov --cov-report=term-missing tests/unit tests/system

.PHONY: ci
ci: lint sanity docs build test demo ## all that must hold before a change lands
	@echo
	@echo "All checks passed with Python $(PYTHON_VERSION)."

.PHONY: matrix
matrix: stage ## test with other versions of Ansible, Python, requests and urllib3, as far as they are here
	$(call say,the version matrix)
	@rm -rf $(STAGED)/tests/output
	@$(IN_STAGE) python -m $(TESTS).tools.matrix $(WORK)/matrix $(ARGS)

.PHONY: mutants
mutants: stage ## break the code in hundreds of small ways, and tell which of them no unit test notices (an hour)
	$(call say,cosmic-ray)
	@$(IN_STAGE) python -m $(TESTS).mutants $(WORK)/mutants $(ARGS)

.PHONY: release
release: stage ## check everything, and build the tarball of the tagged commit in .work/dist
	@$(BIN)/python tests/tools/release.py $(CURDIR)
	@$(MAKE) ci
	@cd $(WORK)/dist && $(BIN)/python -c "import glob, hashlib; [print(hashlib.sha256(open(name, 'rb').read()).hexdigest(), \
		name) for name in glob.glob('*.tar.gz')]"

.PHONY: clean
clean: ## remove .work and .venv
	@rm -rf $(WORK) $(VENV)
