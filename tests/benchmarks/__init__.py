# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Benchmarks: how fast the collection is, next to other ways to do the same work.

Each group of rows is a file with a function ``rows(bench)``; ``GROUPS`` in ``__main__.py`` lists them. To add a group,
write such a file, and add it there.
"""
