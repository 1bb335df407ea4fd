# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options by which modules that change many batch tasks report what they did."""

    DOCUMENTATION = r"""
options:
  audit_log:
    description:
      - A file on the host where the module runs, to which one line of JSON is appended after each change, so that it
        shows what was changed even if the run is killed. A relative path begins in the directory of the playbook on a
        local connection, and in the home directory of the remote user otherwise.
      - The fields are C(time) (ISO 8601, UTC), C(endpoint), C(project_id), C(instance_id), C(state), C(task_id),
        C(task_name), C(outcome) and C(request_id). Fields that are not known are left out, except C(task_id), which is
        then C(null).
      - The C(outcome) is what was done, such as C(deleted) or C(stopped). If the response to a request was lost and it
        is not certain that the request was carried out, C(_unconfirmed) is appended, as in C(stopped_unconfirmed).
      - If the response to a create request was lost, the outcome is C(created_unconfirmed), with the C(task_id) of the
        task that has appeared since, or C(null) if there is none.
      - With O(huaweicloud.iotda.batch_task#module:force), a stop has its own line. With
        O(huaweicloud.iotda.batch_task#module:targets), each request has its own line, for up to 100 devices.
      - Every record starts on a new line, even if an earlier run was killed halfway through one. If the file is moved
        away or replaced during the run, as C(logrotate) does, it is reopened. Secrets that a server echoes back are
        masked.
      - A file that cannot be written is an error before anything is changed. If a line cannot be written later, no
        further change is started, and the module fails.
      - Nothing is written in check mode.
    type: path
  returned:
    description:
      - Which batch tasks RV(tasks) lists (all, only the failed ones, or none). RV(summary) always counts all of them.
      - V(none) or V(failed) keeps the result and the memory use small if there are very many tasks.
    type: str
    default: all
    choices: [all, failed, none]
"""
