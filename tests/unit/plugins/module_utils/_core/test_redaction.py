# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concealing: in which forms a secret is found, what is too short to be one, and many threads at once."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import (
    Redactor,
    encoded_variants,
    one_line,
)


def concealing(*secrets: str) -> Redactor:
    known = Redactor()
    for secret in secrets:
        known.add(secret)
    return known


WRITTEN = [
    ("hunTer2", "hunTer2"),
    ("hunTer2", "HUNTER2"),
    ("hun  Ter2", "hun  Ter2"),
    ("H\u00fcsh/1", "H%C3%BCsh%2F1"),
    ("H\u00fcsh/1", "H%c3%bcsh%2f1"),
    ("H\u00fcsh/1", "H%C3%BCsh/1"),
    ("H\u00fcsh/1", "H\u00c3\u00bcsh/1"),
    ("H\u00fcsh/1", "H\\u00fcsh/1"),
    ("H\u00fcsh/1", "H\\u00FCsh/1"),
    ("H\u00fcsh/1", "H\\u00fcsh\\/1"),
    ('a"b\\c', 'a\\"b\\\\c'),
    ("a b&c", "a+b%26c"),
    ("a b&c", "a%20b%26c"),
    ("hush>>hush??", base64.b64encode(b"hush>>hush??").decode()),
    ("hush>>hush??", base64.urlsafe_b64encode(b"hush>>hush??").decode()),
    ("hush>hush??", base64.b64encode(b"hush>hush??").decode()),
    ("hush>hush??", base64.b64encode(b"hush>hush??").decode().rstrip("=")),
]


@pytest.mark.parametrize(("secret", "written"), WRITTEN)
def test_a_secret_is_concealed_in_each_form(secret: str, written: str) -> None:
    assert concealing(secret).redact(f"bad ({written}) is") == "bad (***) is"


@pytest.mark.parametrize("ahead", ["", "u", "us", "user:"])
def test_a_secret_within_base64(ahead: str) -> None:
    told = concealing("correct horse battery").redact(
        base64.b64encode(f"{ahead}correct horse battery!".encode()).decode()
    )
    assert "***" in told
    assert len(told) <= 20


def test_all_of_several_are_concealed_the_longer_first() -> None:
    assert concealing("hush", "hush-hush", "other").redact("hush-hush, hush, others") == "***, ***, ***s"


@pytest.mark.parametrize("short", ["", "e", "ab", " ab ", "a,"])
def test_what_is_too_short_is_left(short: str) -> None:
    assert concealing(short).redact("bad e, ab, YQ==, and all the rest") == "bad e, ab, YQ==, and all the rest"


def test_three_letters_are_enough() -> None:
    assert concealing("abc").redact("abcd YWJj") == "***d ***"


def test_each_form_is_reported_once() -> None:
    told: list[str] = []
    secrets = Redactor(told.append)
    secrets.add("h/ush")
    secrets.add("h/ush")
    assert told == encoded_variants("h/ush")
    assert len(set(told)) == len(told)


def test_a_secret_is_not_shown_in_place_of_the_value() -> None:
    assert "hush" not in repr(concealing("hush"))


@pytest.mark.parametrize("odd", ["hush\udcff", "\ud800\ud800\ud800"], ids=ascii)
def test_half_a_pair_of_surrogates_is_no_hindrance(odd: str) -> None:
    assert concealing(odd).redact(f"bad {odd}") == "bad ***"


def test_threads_lose_no_secret() -> None:
    secrets = Redactor()
    names = [f"secret-{number:04}" for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(secrets.add, names))
    assert secrets.redact(" ".join(names)) == " ".join(["***"] * 400)


def test_one_line_is_printable() -> None:
    assert one_line(" a\n\t\x1bb  c ") == "a b c"


@given(st.text(min_size=3, max_size=30).filter(lambda text: len(text.strip()) > 2), st.text(max_size=10))
def test_whatever_the_secret_and_whatever_the_text(secret: str, before: str) -> None:
    written = (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
    secrets = concealing(secret)
    for form in written:
        assert form == "***" or form not in secrets.redact(f"{before}{form}!")


def test_results_are_redacted_where_they_stand() -> None:
    """100,000 of them would otherwise be in memory twice."""
    entries = [{"a": "hush", "of hush": ["hush"], "z": 1}]
    assert concealing("hush").redact_all({"tasks": entries, "pair": ("hush", 2)}) == {
        "tasks": [{"a": "***", "of ***": ["***"], "z": 1}],
        "pair": ["***", 2],
    }
    assert list(entries[0]) == ["a", "of ***", "z"]
