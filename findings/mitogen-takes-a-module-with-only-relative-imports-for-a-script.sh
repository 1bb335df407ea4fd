#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: under mitogen's strategy, a module of a collection whose only imports of module_utils are relative ones ends
#   in "attempted relative import with no known parent package". With the same import by its absolute name it works, and
#   so it does with the relative one beside an import of ansible.module_utils.basic.
# Packages: mitogen 0.3.54 with ansible-core 2.19.14 (strategy mitogen_linear).
# Expected: as under Ansible's own strategies: all three modules return ok.
# Seen: linear: all ok. mitogen_linear: the module with only a relative import failed. mitogen looks for a few texts in the
#   source to tell a Python module from a script (ansible_mitogen/planner.py); a relative import is none of them.
# Date: 2026-11-29.
# For users of this collection: nothing to do. Its modules import by absolute names for this reason, and a lint rule keeps
#   it so. Where modules of another collection fail like this under mitogen, set "strategy: linear" for their plays.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_DEPRECATION_WARNINGS=False
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 mitogen==0.3.54

plugins=ansible_collections/acme/one/plugins
mkdir -p "$plugins/modules" "$plugins/module_utils/inner"
cat >"$plugins/module_utils/inner/words.py" <<'PY'
WORD = "imported"
PY
cat >"$plugins/module_utils/say.py" <<'PY'
from ansible.module_utils.basic import AnsibleModule

from .inner.words import WORD


def run():
    AnsibleModule({}).exit_json(said=WORD)
PY
absolute=ansible_collections.acme.one.plugins.module_utils.say
printf '#!/usr/bin/python\nfrom %s import run\n\nrun()\n' "$absolute" >"$plugins/modules/absolute.py"
printf '#!/usr/bin/python\nfrom %s import run\n\nrun()\n' ..module_utils.say >"$plugins/modules/relative.py"
printf '#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\nfrom %s import run\n\nrun()\n' ..module_utils.say \
  >"$plugins/modules/both.py"
cat >play.yml <<'YAML'
- hosts: localhost
  gather_facts: false
  tasks:
    - acme.one.absolute:
      register: absolute
      ignore_errors: true
    - acme.one.both:
      register: both
      ignore_errors: true
    - acme.one.relative:
      register: relative
      ignore_errors: true
    - ansible.builtin.debug:
        msg: >-
          absolute={{ absolute.said | default('failed') }} both={{ both.said | default('failed') }}
          relative={{ relative.said | default('failed') }}
    - ansible.builtin.debug:
        msg: "{{ relative.module_stdout | default('') }}"
YAML
export ANSIBLE_COLLECTIONS_PATH="$work"
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -iE '^(ansible-core|mitogen) '
strategies=$(venv/bin/python -c 'import ansible_mitogen, os; print(os.path.dirname(ansible_mitogen.__file__))')/plugins/strategy
echo "== linear"
ANSIBLE_STRATEGY=linear venv/bin/ansible-playbook play.yml >linear.txt 2>&1
grep -o 'absolute=[a-z]* both=[a-z]* relative=[a-z]*' linear.txt
echo "== mitogen_linear"
ANSIBLE_STRATEGY_PLUGINS="$strategies" ANSIBLE_STRATEGY=mitogen_linear \
  venv/bin/ansible-playbook play.yml >mitogen.txt 2>&1
grep -o 'absolute=[a-z]* both=[a-z]* relative=[a-z]*' mitogen.txt
grep -om1 'attempted relative import with no known parent package' mitogen.txt

grep -q 'absolute=imported both=imported relative=imported' linear.txt
grep -q 'absolute=imported both=imported relative=failed' mitogen.txt
grep -q 'attempted relative import with no known parent package' mitogen.txt
echo "As described: mitogen takes a module with only relative imports for a script."
