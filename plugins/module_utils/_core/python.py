# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python that modules need, and one sentence where it is older.

This file and those of the modules compile on Python 3.6 as well, on which ansible-core 2.16 still starts modules. All
others may be newer, since they are imported later.
"""

import json
import sys

OLDEST = (3, 9)


def refuse_old_python() -> None:
    """End as a module that failed, unless this Python is new enough. To be called before all other imports."""
    if sys.version_info[:2] >= OLDEST:
        return
    met = "{} is Python {}.{}.{}".format(sys.executable, *sys.version_info[:3])
    msg = "Modules of huaweicloud.iotda need Python {}.{} or later, but {}; set ansible_python_interpreter to one."
    sys.stdout.write(json.dumps({"failed": True, "msg": msg.format(*OLDEST, met)}) + "\n")
    raise SystemExit(1)
