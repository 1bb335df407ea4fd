# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pruning: list what is finished, select what has expired, and delete it, in this order."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, NamedTuple, TextIO

from .._core.errors import ConfigurationError
from .._core.system import IrregularFileError, open_regular
from .api import FINISHED, ID_LENGTH, BatchTask, BatchTaskClient, sort_key
from .criteria import (
    NamePatterns,
    Protection,
    parse_age,
    parse_api_time,
    parse_moment,
    parse_patterns,
    subtract,
)
from .engine import Absent, Run, RunOptions, open_log
from .listing import ListFilter, ListReader, Selection, parse_selection, read_lists
from .models import Page
from .outcomes import DELETED, FAILED, Collector, Outcome

EVER = datetime.max.replace(tzinfo=timezone.utc)

# Longer and shorter than an ID, as it is cut or doubled when it is copied. Hardly any name consists of these letters.
_LIKE_AN_ID = re.compile(r"[0-9a-fA-F]{16,32}\Z")


class TaskSummary(NamedTuple):
    """What is kept in memory of a listed task, with the API's field names; None for what is not text."""

    task_id: str
    task_name: str | None
    task_type: str | None
    status: str | None
    create_time: str | None

    @classmethod
    def of(cls, task: Mapping[str, Any]) -> TaskSummary:
        """Return the summary of ``task``, as the API lists it; texts that many tasks share are kept once."""
        texts = {name: value if isinstance(value := task.get(name), str) else None for name in cls._fields[1:]}
        shared = {name: sys.intern(text) for name in ("task_type", "status") if (text := texts[name]) is not None}
        return cls(task["task_id"], **{**texts, **shared})

    def created_before(self, moment: datetime) -> bool:
        """Whether it was created before ``moment``; no if the time of its creation is missing or unreadable."""
        created = parse_api_time(self.create_time)
        return created is not None and created < moment


@dataclass(frozen=True)
class Rule:
    """A task expires if it was created before ``cutoff`` and is not of the newest ``keep_last`` of its type.

    Only finished tasks of the ``selection``, with a name that ``names`` matches (None: any), are considered. What is
    under ``protection``, or whose time of creation is unreadable, never expires, and ``keep_last`` does not count it.
    ``cutoff`` follows from ``older_than``, where that is given, once the time is known.
    """

    selection: Selection
    cutoff: datetime = EVER
    keep_last: int = 0
    names: NamePatterns | None = None
    protection: Protection | None = None
    older_than: timedelta | None = None

    def at(self, service_now: datetime | None, local_now: datetime) -> Rule:
        """Return the rule with its cutoff, by the earlier of the two clocks, so that no task is deleted too soon."""
        if not self.older_than:
            return self
        if service_now is None:
            raise ConfigurationError(
                "The age of tasks cannot be determined, since the service's answers have no readable Date header; "
                "use created_before"
            )
        return replace(self, cutoff=subtract(min(service_now, local_now), self.older_than))

    def selects(self, task: TaskSummary) -> bool:
        """Whether the rule considers ``task``, protected or not."""
        finished = task.status in FINISHED and task.status in self.selection.statuses
        of_type = task.task_type in self.selection.task_types
        return finished and of_type and (self.names is None or self.names.matches(task.task_name))

    def expired(self, tasks: Iterable[TaskSummary]) -> list[TaskSummary]:
        """Return those of ``tasks`` that expire, the oldest first, each once."""
        return self._unless_kept(task for task in tasks if not self._protects(task))

    def protected(self, tasks: Iterable[TaskSummary]) -> list[TaskSummary]:
        """Return those of ``tasks`` that would expire if nothing were protected, and do not since they are."""
        return [] if self.protection is None else list(filter(self._protects, self._unless_kept(tasks)))

    def _protects(self, task: TaskSummary) -> bool:
        return self.protection is not None and self.protection.covers(task.task_id, task.task_name)

    def _unless_kept(self, tasks: Iterable[TaskSummary]) -> list[TaskSummary]:
        by_type: dict[str | None, dict[str, TaskSummary]] = defaultdict(dict)
        for task in tasks:
            if task.created_before(EVER) and self.selects(task):
                by_type[task.task_type].setdefault(task.task_id, task)
        expired: list[TaskSummary] = []
        for of_one_type in by_type.values():
            newest_first = sorted(of_one_type.values(), key=_age, reverse=True)
            expired.extend(task for task in newest_first[self.keep_last :] if task.created_before(self.cutoff))
        return sorted(expired, key=_age)


def _age(task: TaskSummary) -> tuple[str, str]:
    """Return the sort key by age, the oldest first; the API's times sort as text."""
    return task.create_time or "", sort_key(task.task_id)


def parse_rules(options: Mapping[str, Any]) -> list[Rule]:
    """Return the rules in the module's options, a task goes if any of them says so; raises ConfigurationError."""
    protect, rules = options["protect"], options["rules"]
    protection = None if protect is None else Protection(parse_patterns("protect", protect))
    if rules is None:
        return [_parse_rule(options, protection, "")]
    return [_parse_rule(rule, protection, f"rules[{number}]") for number, rule in enumerate(rules, 1)]


def _parse_rule(options: Mapping[str, Any], protection: Protection | None, rule: str) -> Rule:
    """Return the rule in ``options``; messages call it ``rule``, and its options by that and their names."""
    place = f"{rule}." if rule else ""
    age, moment, keep_last, names = (
        options[name] for name in ("older_than", "created_before", "keep_last", "task_name")
    )
    if age is None and moment is None and keep_last is None:
        raise ConfigurationError(f"{rule} needs at least one of older_than, created_before and keep_last")
    if age is not None and moment is not None:
        raise ConfigurationError(f"{place}older_than and {place}created_before are mutually exclusive")
    if keep_last == 0 and age is None and moment is None:
        raise ConfigurationError(
            f"{place}keep_last: 0 alone selects every finished task; to delete all of them, use older_than: 0d"
        )
    return Rule(
        parse_selection(options, place),
        EVER if moment is None else parse_moment(moment, f"{place}created_before"),
        keep_last or 0,
        None if names is None else NamePatterns(parse_patterns(f"{place}task_name", names)),
        protection,
        None if age is None else parse_age(age, f"{place}older_than"),
    )


def prune(
    client: BatchTaskClient,
    rules: Sequence[Rule],
    options: Mapping[str, Any],
    check_mode: bool,
    diff: bool,
    warn: Callable[[str], None],
) -> dict[str, Any]:
    """Delete what ``rules`` select, unless it is more than allowed, and return the module's result.

    ``options`` are the module's; their rules are those given.
    """
    for entry in map(str.strip, options["protect"] or ()):
        if _LIKE_AN_ID.match(entry) and len(entry) != ID_LENGTH:
            warn(
                f"protect contains {entry}, which has {len(entry)} characters, but IoTDA's IDs have {ID_LENGTH}: "
                "unless it is a name, it protects nothing; check that it was not cut when it was copied."
            )
    returned, tasks_file, audit_log = (options[name] for name in ("returned", "tasks_file", "audit_log"))
    collector = Collector("absent", returned if tasks_file is None else "all", diff)
    with open_log(audit_log, client, "absent", check_mode) as log:
        # After the audit log: what another run wrote to this file is lost from here on.
        file = None if tasks_file is None else _open(tasks_file, audit_log)
        result, expired, protected, rule_of = _select(client, rules, options)
        if check_mode:
            for position, task in enumerate(expired):
                collector.add(position, _known(task).changed_to(DELETED))
        else:
            hint = "run it again to select the tasks again"
            run_options = RunOptions(concurrency=options["concurrency"], unfinished_hint=hint)
            run = Run(client, Absent(), run_options, collector.add, log)
            run.bring(expired, _known)
        built = collector.build(warn, log)
    kept = [] if file is None else [_kept(task) for task in protected]
    if options["rules"] is not None:
        for entry in (*built["tasks"], *kept):
            entry["rule"] = rule_of[entry["task_id"]]
    if file is not None:
        _write(file, [*built["tasks"], *kept], client.redact, warn)
        outcome = {"all": None, "failed": FAILED, "none": ""}[returned]
        built["tasks"] = [entry for entry in built["tasks"] if outcome in (None, entry["outcome"])]
    return {**built, **result, "kept": result["examined"] - collector.gone, **client.stats._asdict()}


def _known(task: TaskSummary) -> Outcome:
    return Outcome(task.task_id, task=BatchTask(task._asdict()))


def _kept(task: TaskSummary) -> dict[str, Any]:
    """Return what tasks_file says of a task that is protected."""
    return {"outcome": "protected", **{name: value for name, value in task._asdict().items() if value is not None}}


def _open(path: str, audit_log: str | None) -> TextIO:
    """Return ``path`` opened to be written anew; raises ConfigurationError."""
    if audit_log is not None and os.path.realpath(path) == os.path.realpath(audit_log):
        raise ConfigurationError(f"tasks_file and audit_log are the same file, {path}; give each its own")
    try:
        return open(open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w", encoding="utf-8")
    except IrregularFileError:
        reason = "it is not a regular file"
    except OSError as error:
        reason = error.strerror or str(error)
    raise ConfigurationError(f"tasks_file cannot be written: {path}: {reason}; nothing was changed")


def _write(
    file: TextIO, entries: Sequence[Mapping[str, Any]], redact: Callable[[str], str], warn: Callable[[str], None]
) -> None:
    """Write a line for each entry of the result."""
    try:
        with file:
            file.writelines(f"{redact(json.dumps(entry))}\n" for entry in entries)
    except OSError as error:
        warn(f"tasks_file could not be written: {error.strerror}; it does not list each batch task.")


def _select(
    client: BatchTaskClient, rules: Sequence[Rule], options: Mapping[str, Any]
) -> tuple[dict[str, Any], list[TaskSummary], list[TaskSummary], dict[str, int]]:
    """Return the first part of the result, what is to be deleted, and what only ``protect`` keeps.

    Nothing is to be deleted where that is more than allowed. The last part is the number of the first rule that selects
    each of these tasks, where the user wrote rules.
    """
    local_now = datetime.now(timezone.utc)
    listed, service_now, skipped_types = _list(client, rules, options["concurrency"])
    examined: dict[str, str | None] = {}
    protected: dict[str, TaskSummary] = {}
    expired: dict[str, TaskSummary] = {}
    rule_of: dict[str, int] = {}
    matched_by_rule: list[int] = []
    for number, rule in enumerate((rule.at(service_now, local_now) for rule in rules), 1):
        tasks = list(filter(rule.selects, listed[rule.selection.app_id]))
        examined.update((task.task_id, task.task_name) for task in tasks)
        for found, selected in ((expired, rule.expired(tasks)), (protected, rule.protected(tasks))):
            new = [task for task in selected if task.task_id not in found]
            found.update((task.task_id, task) for task in new)
            if options["rules"] is not None:
                rule_of.update((task.task_id, number) for task in new)
        matched_by_rule.append(len(expired) - sum(matched_by_rule))
    protection = rules[0].protection
    result: dict[str, Any] = {
        "examined": len(examined),
        "matched": len(expired),
        "protected": len(protected),
        "unmatched_protect": protection.unmatched(examined) if protection else [],
        "skipped_types": skipped_types,
    }
    if options["rules"] is not None:
        result["matched_by_rule"] = matched_by_rule
    if len(expired) <= options["max_deletions"]:
        oldest_first = sorted(expired.values(), key=_age) if len(rules) > 1 else list(expired.values())
        return result, oldest_first, list(protected.values()), rule_of
    msg = (
        f"{len(expired)} batch tasks match, more than max_deletions ({options['max_deletions']}), "
        "so nothing was deleted; narrow the selection, or raise max_deletions."
    )
    return {**result, "failed": True, "msg": msg}, [], list(protected.values()), rule_of


def _list(
    client: BatchTaskClient, rules: Sequence[Rule], concurrency: int
) -> tuple[dict[str | None, list[TaskSummary]], datetime | None, list[str]]:
    """Read all lists to their ends.

    Return the tasks that a rule selects, some maybe repeatedly, by resource space, None for all; the earliest time that
    an answer was dated; and the types that the service does not know.
    """
    by_space: dict[str | None, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_space[rule.selection.app_id].append(rule)

    def consume(query: ListFilter, pages: Iterator[Page]) -> tuple[str | None, list[TaskSummary], datetime | None]:
        tasks: list[TaskSummary] = []
        service_now = None
        for page in pages:
            service_now = service_now or page.service_now
            for task in map(TaskSummary.of, page.items):
                if any(rule.selects(task) for rule in by_space[query.app_id]):
                    # Tasks of the same second, which stand side by side, share its text.
                    same = tasks and tasks[-1].create_time == task.create_time
                    tasks.append(task._replace(create_time=tasks[-1].create_time) if same else task)
        return query.app_id, tasks, service_now

    named_types = {name for rule in rules for name in rule.selection.named_types}
    with ListReader(client, concurrency) as reader:
        read, skipped_types = read_lists(reader, _queries(rules), named_types, consume)
    listed: dict[str | None, list[TaskSummary]] = defaultdict(list)
    for app_id, tasks, _now in read:
        listed[app_id] += tasks
    return listed, min((now for _app_id, _tasks, now in read if now is not None), default=None), skipped_types


def _queries(rules: Iterable[Rule]) -> list[ListFilter]:
    """Return each list that any rule needs, once.

    Where all statuses that can match are wanted, one list of any status takes fewer requests.
    """
    wanted: dict[tuple[str, str | None], dict[str, None]] = defaultdict(dict)
    for selection in (rule.selection for rule in rules):
        for task_type in selection.task_types:
            wanted[task_type, selection.app_id].update(dict.fromkeys(selection.statuses))
    queries = []
    for (task_type, app_id), statuses in wanted.items():
        every = statuses.keys() >= set(FINISHED)
        queries += [ListFilter(task_type, status, app_id) for status in ((None,) if every else statuses)]
    return queries
