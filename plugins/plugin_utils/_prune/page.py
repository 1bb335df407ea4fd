# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of the role ``prune`` as a page that needs no other file and no script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from .figures import causes
from .report import RARE, headline

Figures = Mapping[str, Any]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ --text: #1c2733; --dim: #5b6875; --page: #ffffff; --card: #f3f5f8; --line: #dde3ea;
  --gone: #d9622b; --kept: #2f7fb8; --bad: #b3261e; --bad-card: #fdecea; }}
@media (prefers-color-scheme: dark) {{ :root {{ --text: #e6eaee; --dim: #9aa7b4; --page: #12171d; --card: #1c232b;
  --line: #2c3641; --gone: #ee8a55; --kept: #4f9fd8; --bad: #ff8f87; --bad-card: #3a1d1b; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }}
h1 {{ font-size: 1.4rem; margin: 0; }}
h2 {{ font-size: 1.1rem; margin: 2rem 0 .5rem; }}
p {{ margin: .4rem 0; }}
.dim {{ color: var(--dim); }}
.totals {{ display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }}
.totals li {{ background: var(--card); border-radius: .5rem; padding: .6rem 1rem; min-width: 7.5rem; }}
.totals b {{ display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; }}
.bad b, .failed td:first-child, .failed th {{ color: var(--bad); }}
.cause {{ background: var(--bad-card); border-left: .25rem solid var(--bad); border-radius: .25rem;
  margin: .5rem 0; padding: .5rem .8rem; overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-top: 1px solid var(--line); padding: .3rem .6rem; text-align: right; vertical-align: top;
  font-variant-numeric: tabular-nums; white-space: nowrap; }}
thead th {{ border: 0; color: var(--dim); font-weight: 600; }}
tbody th {{ text-align: left; font-weight: 600; white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }}
th:first-child, td:first-child {{ text-align: left; padding-left: 0; }}
tbody th small {{ display: block; color: var(--dim); font-weight: 400; }}
.bar {{ width: 30%; min-width: 8rem; }}
.bar div {{ display: flex; height: .9rem; margin-top: .2rem; border-radius: .2rem; overflow: hidden;
  background: var(--line); }}
.gone, .would {{ background: var(--gone); }}
.would {{ opacity: .4; }}
.kept {{ background: var(--kept); }}
.key i {{ display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin: 0 .3rem 0 .8rem; }}
@media (max-width: 46rem) {{ tr > :nth-child(n + 5) {{ display: none; }} .bar {{ min-width: 5rem; }} }}
@media print {{ body {{ max-width: none; }} tr {{ break-inside: avoid; }} }}
</style>
</head>
<body>
<h1>{headline}</h1>
<p class="dim">{subtitle}</p>
<ul class="totals">
{totals}
</ul>
{failures}<h2>Instances</h2>
<p class="key dim">Of the tasks examined:<i class="gone"></i>{gone}{would}<i class="kept"></i>kept</p>
<table>
<thead>
<tr><th>Instance</th><th class="bar"></th><th>{gone}</th><th>kept</th><th>examined</th><th>seconds</th></tr>
</thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def as_html(figures: Figures, made: str) -> str:
    """Return the page; ``made`` says when, for its readers."""
    return _PAGE.format(
        title=escape(headline(figures)),
        headline=escape(headline(figures)),
        subtitle=escape(_subtitle(figures, made)),
        totals="\n".join(_totals(figures)),
        failures="".join(_failures(figures)),
        gone="would be deleted" if figures["dry_run"] else "deleted",
        would='<i class="would"></i>would be deleted' if _has_listed(figures) else "",
        rows="\n".join(_row(report, figures["dry_run"]) for report in figures["reports"]),
    )


def _has_listed(figures: Figures) -> bool:
    """Whether something would be deleted in instances that were only listed, while others were pruned."""
    return bool(figures["would_delete"]) and not figures["dry_run"]


def _subtitle(figures: Figures, made: str) -> str:
    kind = "Nothing was deleted" if figures["dry_run"] else "Finished batch tasks of Huawei Cloud IoTDA"
    return f"{kind} · {made}"


def _totals(figures: Figures) -> Iterator[str]:
    gone = ("would_delete", "would be deleted") if figures["dry_run"] else ("deleted", "deleted")
    failed = len(figures["failed"])
    yield _total(figures["instances"], "instances")
    yield _total(failed, "failed", bad=bool(failed))
    for name, words in (gone, ("kept", "kept"), ("examined", "examined")):
        yield _total(figures[name], words)
    if _has_listed(figures):
        yield _total(figures["would_delete"], "would be deleted, only listed")
    for name, words in {**RARE, "throttled": "429 answers"}.items():
        if figures[name]:
            yield _total(figures[name], words, bad=name == "not_deleted")


def _total(number: int, words: str, bad: bool = False) -> str:
    return f"<li{' class=bad' if bad else ''}><b>{number:,}</b>{escape(words)}</li>"


def _failures(figures: Figures) -> Iterator[str]:
    found = causes(figures)
    if found:
        yield "<h2>Failures</h2>\n"
    for cause, names in found:
        yield f'<div class="cause"><b>{escape(", ".join(names))}</b><br>{escape(cause)}</div>\n'


def _row(report: Figures, dry_run: bool) -> str:
    notes = [report["endpoint"].partition("://")[2] or report["endpoint"]]
    if report["error"]:
        notes.append("failed")
    elif report["listed_because"]:
        notes.append(report["listed_because"] if dry_run else _listed(report))
    note = " · ".join(filter(None, notes))
    gone = report["would_delete" if dry_run else "deleted"]
    numbers = (gone, report["kept"], report["examined"], report["elapsed"])
    return (
        f"<tr{' class=failed' if report['error'] else ''}><th>{escape(report['instance'])}"
        f'<small>{escape(note)}</small></th><td class="bar">{_bar(report, dry_run)}</td>'
        + "".join(f"<td>{number:,}</td>" for number in numbers)
        + "</tr>"
    )


def _listed(report: Figures) -> str:
    return f"{report['would_delete']:,} would be deleted ({report['listed_because']})"


def _bar(report: Figures, dry_run: bool) -> str:
    def part(name: str, number: int) -> str:
        return f'<span class="{name}" style="width:{100 * number / max(report["examined"], 1):.1f}%"></span>'

    gone, would = report["deleted"] + report["deleted_unconfirmed"] + report["absent"], report["would_delete"]
    parts = part("gone", would) if dry_run else part("gone", gone) + part("would", would)
    return f'<div title="{gone + would:,} of {report["examined"]:,}">{parts}{part("kept", report["kept"])}</div>'
