# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The web page: whole by itself, out of the journal, and live in a real browser where there is one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator, control, page

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _news(sim: Simulator) -> Any:
    return requests.get(f"{sim.url}/_simulator/news", timeout=10).json()


class _Page(HTMLParser):
    """Collects tags, and the addresses that they name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_the_page_is_whole_by_itself(sim: Simulator) -> None:
    reply = requests.get(sim.url, headers=BROWSER, timeout=10)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/html;charset=utf-8")
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    found = _Page(reply.text)
    addresses = [value for name, value in found.attributes if name in ("src", "href", "action")]
    assert addresses == ["/_simulator/news"]
    assert not {"link", "img", "iframe"} & set(found.tags)
    assert not re.search(r"https?://(?!www\.gnu\.org)", reply.text)
    named = {str(value) for name, value in found.attributes if name == "id"}
    assert {str(value) for name, value in found.attributes if name == "aria-labelledby"} <= named
    assert ("lang", "en") in found.attributes
    assert ("role", "status") in found.attributes


def test_looking_leaves_no_trace(sim: Simulator) -> None:
    requests.get(f"{sim.url}/", headers=BROWSER, timeout=10)
    _news(sim)
    assert sim.journal.entries() == []


def test_others_meet_the_services_at_the_root(sim: Simulator) -> None:
    replies = [
        requests.get(f"{sim.url}/", timeout=10),
        requests.post(f"{sim.url}/", headers=BROWSER, timeout=10),
        requests.get(f"{sim.url}/nothing", headers=BROWSER, timeout=10),
        requests.get(f"{sim.add_instance().url}/", headers=BROWSER, timeout=10),
    ]
    assert [reply.status_code for reply in replies] == [404, 404, 404, 404]
    assert [reply.json()["error_code"] for reply in replies] == [*["APIGW.0101"] * 3, "IOTDA.000029"]


def test_news(sim: Simulator, api: Callable[..., Any]) -> None:
    old, new = sim.add_task(task_name="old"), sim.add_task(status="Fail", task_name="new")
    there = sim.add_instance().add_task()
    sim.fault(method="DELETE", kind="close")
    with pytest.raises(requests.ConnectionError):
        api("DELETE", f"/{old}")
    api("GET", params={"limit": 7})
    news = _news(sim)
    own, other = news["instances"]
    assert [(task["task_id"], task["task_name"]) for task in own["tasks"]] == [(new, "new"), (old, "old")]
    assert (own["count"], own["statuses"]) == (2, {"Success": 1, "Fail": 1})
    assert [task["task_id"] for task in other["tasks"]] == [there]
    last, first = news["requests"]["latest"]
    assert (last["method"], last["status"], last["query"]) == ("GET", 200, {"limit": "7"})
    assert (first["method"], first["status"], first["fault"], first["unsafe"]) == ("DELETE", None, "close", True)


def test_news_of_much_are_short(sim: Simulator, api: Callable[..., Any]) -> None:
    ids = sim.add_tasks(page.TASKS_SHOWN + 5)
    for _dummy in range(page.REQUESTS_SHOWN + 5):
        api("DELETE", "/0")
    news = _news(sim)
    (own,) = news["instances"]
    assert [task["task_id"] for task in own["tasks"]] == sorted(ids, reverse=True)[: page.TASKS_SHOWN]
    assert own["count"] == page.TASKS_SHOWN + 5
    assert (news["requests"]["count"], len(news["requests"]["latest"])) == (
        page.REQUESTS_SHOWN + 5,
        page.REQUESTS_SHOWN,
    )


def test_news_hold_no_secrets(sim: Simulator, api: Callable[..., Any]) -> None:
    api("GET")
    text = requests.get(f"{sim.url}/_simulator/news", timeout=10).text
    assert not any(secret in text for secret in (sim.auth_token, sim.secret_key, sim.password))


@pytest.fixture
def browse(tmp_path: Path) -> Callable[[str], str]:
    """Open a page in a headless browser for some seconds of its time, and return what became of it."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)}), and CHROMIUM names none")

    def dump(url: str) -> str:
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}"]
        command = [browser, *options, "--virtual-time-budget=6000", "--dump-dom", url]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    return dump


def test_a_prune_can_be_watched(
    sim: Simulator, api: Callable[..., Any], browse: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    going, staying = sim.add_task(task_name="going"), sim.add_task(task_name="<b>staying</b>")
    asked = []

    def news(simulator: Simulator) -> dict[str, Any]:
        asked.append(1)
        if len(asked) == 3:
            assert api("DELETE", f"/{going}").status_code == 204
            sim.add_task(task_name="coming")
        return page.news(simulator)

    monkeypatch.setattr(control, "news", news)
    text = browse(f"{sim.url}/")
    assert len(asked) > 3
    rows = {row.partition("</td>")[0]: row for row in re.findall(r"<tr[^>]*><td>(.*?)</tr>", text)}
    assert set(rows) == {"going", "coming", "&lt;b&gt;staying&lt;/b&gt;"}
    assert "deleted" in rows["going"]
    assert staying in rows["&lt;b&gt;staying&lt;/b&gt;"]
    assert re.search(r'<tr class="gone"><td>going</td>', text)
    assert re.search(rf"DELETE</td><td [^>]*>/v5/iot/…/batchtasks/{going}</td><td [^>]*>204</td>", text)
    assert '<p id="state" role="status">1 instance, 2 tasks</p>' in text
