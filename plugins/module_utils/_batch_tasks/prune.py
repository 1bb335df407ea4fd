# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pruning: list what is finished, select what has expired, and delete it, in this order."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, TextIO

from .._core.errors import ConfigurationError
from .._core.system import IrregularFileError, open_regular
from .api import FINISHED, BatchTaskClient
from .engine import Absent, Run, RunOptions, open_log
from .listing import ListFilter, ListReader, Selection, parse_selection, read_lists
from .models import Page
from .outcomes import DELETED, FAILED, Collector, Outcome
from .patterns import NamePatterns, Protection, parse_patterns
from .retention import RetentionRule, TaskSummary, by_age, cutoff, select_expired, select_protected
from .times import parse_age, parse_moment


@dataclass(frozen=True)
class PruneRule:
    """One rule. ``retention`` is complete but for the cutoff that follows from ``older_than``."""

    selection: Selection
    retention: RetentionRule
    older_than: timedelta | None

    def at(self, service_now: datetime | None, local_now: datetime) -> RetentionRule:
        """Return the complete rule, by the earlier of the two clocks, so that no task is deleted too soon."""
        if self.older_than is None:
            return self.retention
        if service_now is None and self.older_than:
            raise ConfigurationError(
                "The age of tasks cannot be determined, since the service's answers have no readable Date header; "
                "use created_before"
            )
        return replace(self.retention, cutoff=cutoff(min(service_now or local_now, local_now), self.older_than))


@dataclass(frozen=True)
class PruneOptions:
    """What the user asks for: a task goes if any of ``rules`` says so. ``numbered``: they were given as ``rules``."""

    rules: tuple[PruneRule, ...]
    numbered: bool
    max_deletions: int
    concurrency: int
    audit_log: str | None
    tasks_file: str | None
    returned: str

    def queries(self) -> list[ListFilter]:
        """Return each list that any rule needs, once.

        Where all statuses that can match are wanted, one list of any status takes fewer requests.
        """
        wanted: dict[tuple[str, str | None], dict[str, None]] = defaultdict(dict)
        for selection in (rule.selection for rule in self.rules):
            for task_type in selection.task_types:
                wanted[task_type, selection.app_id].update(dict.fromkeys(selection.statuses))
        queries = []
        for (task_type, app_id), statuses in wanted.items():
            every = statuses.keys() >= set(FINISHED)
            queries += [ListFilter(task_type, status, app_id) for status in ((None,) if every else statuses)]
        return queries

    def named_types(self) -> set[str]:
        """Return the types that the user named, which the service must know."""
        return {name for rule in self.rules for name in rule.selection.named_types}


@dataclass(frozen=True)
class _Listed:
    """What was listed of each resource space, None for all: the tasks that a rule selects, some maybe repeatedly.

    ``service_now`` is the earliest time that an answer was dated.
    """

    tasks: Mapping[str | None, Sequence[TaskSummary]]
    service_now: datetime | None
    skipped_types: list[str]


def parse_prune_options(options: Mapping[str, Any]) -> PruneOptions:
    """Return what the module's options ask for; raises ConfigurationError."""
    protect, rules = options["protect"], options["rules"]
    protection = None if protect is None else Protection(parse_patterns("protect", protect))
    if rules is None:
        parsed = [_parse_rule(options, protection, "")]
    else:
        parsed = [_parse_rule(rule, protection, f"rules[{number}]") for number, rule in enumerate(rules, 1)]
    return PruneOptions(
        tuple(parsed),
        rules is not None,
        options["max_deletions"],
        options["concurrency"],
        options["audit_log"],
        options["tasks_file"],
        options["returned"],
    )


def _parse_rule(options: Mapping[str, Any], protection: Protection | None, rule: str) -> PruneRule:
    """Return the rule in ``options``; messages call it ``rule``, and its options by that and their names."""
    place = f"{rule}." if rule else ""
    age, moment, keep_last = (options[name] for name in ("older_than", "created_before", "keep_last"))
    if age is None and moment is None and keep_last is None:
        raise ConfigurationError(f"{rule} needs at least one of older_than, created_before and keep_last")
    if age is not None and moment is not None:
        raise ConfigurationError(f"{rule} has older_than and created_before, which are mutually exclusive")
    if keep_last == 0 and age is None and moment is None:
        raise ConfigurationError(
            f"{place}keep_last: 0 alone selects every finished task; to delete all of them, use older_than: 0d"
        )
    selection = parse_selection(options, place)
    names = options["task_name"]
    retention = RetentionRule(
        None if moment is None else parse_moment(moment, f"{place}created_before"),
        keep_last or 0,
        selection.statuses,
        selection.task_types,
        None if names is None else NamePatterns(parse_patterns(f"{place}task_name", names)),
        protection,
    )
    return PruneRule(selection, retention, None if age is None else parse_age(age, f"{place}older_than"))


def prune(
    client: BatchTaskClient, options: PruneOptions, check_mode: bool, diff: bool, warn: Callable[[str], None]
) -> dict[str, Any]:
    """Delete what ``options`` select, unless it is more than allowed, and return the module's result."""
    file = None if options.tasks_file is None else _open(options.tasks_file)
    collector = Collector("absent", options.returned if file is None else "all", diff)
    with open_log(options.audit_log, client, "absent", check_mode) as log:
        result, expired, rules = _select(client, options)
        if check_mode:
            for position, task in enumerate(expired):
                collector.add(position, Outcome(task.task_id, task=task._asdict()).changed_to(DELETED))
        else:
            hint = "run it again to select the tasks again"
            run_options = RunOptions(concurrency=options.concurrency, unfinished_hint=hint)
            run = Run(client, Absent(), run_options, collector.add, log)
            run.bring(expired, lambda task: Outcome(task.task_id, task=task._asdict()))
        built = collector.build(warn, log)
    if options.numbered:
        for entry in built["tasks"]:
            entry["rule"] = rules[entry["task_id"]]
    if file is not None:
        _write(file, built["tasks"], client.redact, warn)
        kept = {"all": None, "failed": FAILED, "none": ""}[options.returned]
        built["tasks"] = [entry for entry in built["tasks"] if kept in (None, entry["outcome"])]
    stats = {"throttled": client.stats.throttled, "retries": client.stats.retries}
    return {**built, **result, "kept": result["examined"] - collector.gone, **stats}


def _open(path: str) -> TextIO:
    """Return ``path`` opened to be written anew; raises ConfigurationError."""
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


def _select(client: BatchTaskClient, options: PruneOptions) -> tuple[dict[str, Any], list[TaskSummary], dict[str, int]]:
    """Return the first part of the result, and what is to be deleted: nothing where that is more than allowed.

    The last part is the number of the first rule that selects each of these, if the user wrote rules.
    """
    local_now = datetime.now(timezone.utc)
    listed = _list(client, options)
    examined: set[str] = set()
    protected: set[str] = set()
    expired: list[TaskSummary] = []
    rules: dict[str, int] = {}
    for number, rule in enumerate(options.rules, 1):
        retention = rule.at(listed.service_now, local_now)
        tasks = list(filter(retention.selects, listed.tasks.get(rule.selection.app_id, ())))
        examined.update(task.task_id for task in tasks)
        protected.update(task.task_id for task in select_protected(tasks, retention))
        by_this_rule = select_expired(tasks, retention)
        if options.numbered:
            by_this_rule = [task for task in by_this_rule if task.task_id not in rules]
            rules.update((task.task_id, number) for task in by_this_rule)
        expired += by_this_rule
    result: dict[str, Any] = {
        "examined": len(examined),
        "matched": len(expired),
        "protected": len(protected),
        "skipped_types": listed.skipped_types,
    }
    if len(expired) <= options.max_deletions:
        return result, sorted(expired, key=by_age) if options.numbered else expired, rules
    msg = (
        f"{len(expired)} batch tasks match, more than max_deletions ({options.max_deletions}), "
        "so nothing was deleted; narrow the selection, or raise max_deletions."
    )
    return {**result, "failed": True, "msg": msg}, [], {}


def _list(client: BatchTaskClient, options: PruneOptions) -> _Listed:
    """Read all lists to their ends."""
    by_space: dict[str | None, list[RetentionRule]] = defaultdict(list)
    for rule in options.rules:
        by_space[rule.selection.app_id].append(rule.retention)

    def consume(query: ListFilter, pages: Iterator[Page]) -> tuple[str | None, list[TaskSummary], datetime | None]:
        rules = by_space[query.app_id]
        tasks: list[TaskSummary] = []
        service_now = None
        for page in pages:
            service_now = service_now or page.service_now
            for task in map(_summarize, page.items):
                if any(rule.selects(task) for rule in rules):
                    # Tasks of the same second, which stand side by side, share its text.
                    same = tasks and tasks[-1].create_time == task.create_time
                    tasks.append(task._replace(create_time=tasks[-1].create_time) if same else task)
        return query.app_id, tasks, service_now

    with ListReader(client, options.concurrency) as reader:
        lists = read_lists(reader, options.queries(), options.named_types(), consume)
    tasks: dict[str | None, list[TaskSummary]] = defaultdict(list)
    for app_id, found, _now in lists.read:
        tasks[app_id].extend(found)
    times = [now for _app_id, _tasks, now in lists.read if now is not None]
    return _Listed(tasks, min(times, default=None), lists.skipped_types)


def _summarize(task: Mapping[str, Any]) -> TaskSummary:
    """Return the summary of a task; texts that many tasks share are kept once."""
    summary = TaskSummary.of(task)
    shared = {
        name: sys.intern(value) for name in ("task_type", "status") if (value := getattr(summary, name)) is not None
    }
    return summary._replace(**shared)
