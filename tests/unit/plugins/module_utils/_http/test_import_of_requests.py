# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The import of requests: its absence or its age is told in one sentence."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import transport
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.transport import requests_error

CURE = (
    f"install it with '{sys.executable} -m pip install \"requests>=2.28\"', "
    "or set ansible_python_interpreter to a Python that has it."
)


def test_with_requests_there_is_no_problem() -> None:
    assert requests_error() is None


@pytest.mark.parametrize("version", ["2.27.1", "2.9", "1.99.0", "0.1"])
def test_an_old_requests_is_refused(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "requests", SimpleNamespace(__version__=version))
    assert requests_error() == (
        f"The Python library requests of {sys.executable} is {version}, older than 2.28; {CURE}"
    )


@pytest.mark.parametrize("version", ["2.28", "2.28.0", "2.34.2", "3.0", "10.1.dev0"])
def test_a_recent_requests_is_taken(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "requests", SimpleNamespace(__version__=version))
    assert requests_error() is None


def without_requests(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a second copy of the module, loaded where requests cannot be imported."""
    monkeypatch.setitem(sys.modules, "requests", None)
    return loaded("without_requests")


def loaded(name: str) -> ModuleType:
    """Return a second copy of the module."""
    spec = importlib.util.spec_from_file_location(f"{transport.__package__}.{name}", transport.__file__)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_requests_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    text = without_requests(monkeypatch).requests_error()
    assert text.startswith(f"The Python library requests cannot be imported by {sys.executable} (")
    assert text.endswith(f"; {CURE}")


def test_without_requests_classes_can_still_be_defined(monkeypatch: pytest.MonkeyPatch) -> None:
    assert without_requests(monkeypatch).HTTPAdapter is object


@pytest.mark.parametrize("kind", ["no such directory", "a directory", "a pipe"])
def test_a_key_log_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "no such" / "keys" if kind == "no such directory" else tmp_path
    if kind == "a pipe":
        path = tmp_path / "pipe"
        os.mkfifo(path)
    monkeypatch.setenv("SSLKEYLOGFILE", str(path))
    text = loaded("with_key_log").requests_error()
    assert text.startswith(f"The environment variable SSLKEYLOGFILE is set, but {path} cannot be written (")
    assert text.endswith("; unset it, or name another file.")


def test_a_key_log_that_can_be_written_is_no_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert loaded("with_key_log").requests_error() is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AttributeError("no\nsuch  thing"), "AttributeError: no such thing"),
        (SyntaxError("invalid syntax"), "SyntaxError: invalid syntax"),
        (OSError(5, "Input/output error"), "OSError: [Errno 5] Input/output error"),
        (ImportError("no such module"), "no such module"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_broken_requests_is_reported_like_none(monkeypatch: pytest.MonkeyPatch, error: Exception, words: str) -> None:
    class Broken:
        def find_spec(self, name: str, *more: object) -> None:
            if name == "requests":
                raise error

    monkeypatch.delitem(sys.modules, "requests")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    assert (
        loaded("broken_requests").requests_error()
        == f"The Python library requests cannot be imported by {sys.executable} ({words}); {CURE}"
    )


def test_a_library_in_place_of_urllib3_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As urllib3-future is: its connections are its own."""
    connection = SimpleNamespace(HTTPConnection=type("HTTPConnection", (), {}))
    monkeypatch.setattr(transport, "urllib3", SimpleNamespace(connection=connection))
    text = requests_error() or ""
    assert text.startswith(
        f"The Python library urllib3 of {sys.executable} has been replaced by another library, such as "
    )
    assert "set ansible_python_interpreter to a Python without it" in text
