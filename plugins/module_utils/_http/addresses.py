# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints as base URLs, what a host name tells, and the files with CA certificates that a host is verified against.

Hosts by edition: https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0008.html
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from .._core.errors import ConfigurationError
from .._core.system import IrregularFileError, first_set, open_regular

# Read by requests.
CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

_LARGEST_FILE = 10 * 1024 * 1024
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+\Z")
_REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+\Z")
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?\Z")
_NETLOC = re.compile(r"(\[(?P<address>[^\[\]]+)\]|[^\[\]:]+)(:[0-9]{1,5})?\Z")
_INSTANCE_HOST = re.compile(r"\.iotda-app\.([a-z0-9-]+)\.")
_SHARED_HOST = re.compile(r"iotda\.([a-z0-9-]+)\.myhuaweicloud\.")


def is_region(name: str) -> bool:
    """Whether ``name`` looks like ``cn-north-4``."""
    return _REGION.match(name) is not None


def check_region(region: str) -> str:
    """Return ``region`` if it looks like ``cn-north-4``; raise ConfigurationError if not."""
    if not is_region(region):
        raise ConfigurationError(f"region must be a region name such as cn-north-4, not {region!r}")
    return region


def default_url(service: str, region: str) -> str:
    """Return the public endpoint of ``service`` (``iotda``, ``iam``) in ``region``."""
    return f"https://{service}.{region}.myhuaweicloud.com"


def base_url(value: str, option: str, allow_http: bool) -> str:
    """Return ``value`` as ``scheme://host[:port]`` without a trailing slash; a missing scheme means https.

    ``option`` is how the user calls it. Plain http is accepted for a loopback address, and anywhere when
    ``allow_http`` is set. Raises ConfigurationError.
    """
    text = value.strip()
    if not text.isprintable():
        # urlsplit would leave them out, and go to another host than the one that is written.
        raise ConfigurationError(f"{option} must not contain line breaks or other non-printable characters")
    if "@" in text:
        raise ConfigurationError(
            f"{option} must not contain a user name or a password; set the options for credentials instead"
        )
    parts = _split(text, option)
    _check_form(parts, option)
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname or ""):
        raise ConfigurationError(
            f"{option} must not be plain http, since credentials would be sent unencrypted to {parts.netloc}; "
            "use https://"
        )
    return f"{parts.scheme}://{parts.netloc}"


def user_info_of(value: str) -> str | None:
    """Return what stands before the host, as in ``https://user:password@host``; None if there is nothing."""
    before, at, _host = value.strip().rpartition("@")
    scheme, separator, rest = before.partition("://")
    user_info = rest if separator else scheme
    return user_info + at if user_info else None


def _split(text: str, option: str) -> SplitResult:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        parts.port  # noqa: B018 # reading it is what checks it
    except ValueError:
        # The text of the error quotes what may be a password.
        raise ConfigurationError(
            f"{option} is not a usable address: it must be a host with an optional port, which is a number up to 65535"
        ) from None
    return parts


def _check_form(parts: SplitResult, option: str) -> None:
    """Raise ConfigurationError unless there is a host and nothing else; the value may be a secret, and is not shown."""
    if parts.scheme not in ("http", "https"):
        raise ConfigurationError(f"{option} must begin with https://, not {parts.scheme}://")
    if "%" in parts.netloc:
        raise ConfigurationError(f"{option} must not contain a %, as an IPv6 address with a zone does; name the host")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ConfigurationError(f"{option} must be a host with an optional port and nothing after it")
    if not _is_host_with_port(parts):
        raise ConfigurationError(f"{option} must name a host, as in https://iotda.cn-north-4.myhuaweicloud.com")


def _is_host_with_port(parts: SplitResult) -> bool:
    found = _NETLOC.match(parts.netloc)
    if not found:
        return False
    address = found.group("address")
    return is_host(parts.hostname or "") if address is None else ":" in address and _is_address(address)


def is_host(host: str) -> bool:
    """Whether ``host`` can be one: an address, or a name that DNS can be asked for."""
    return _is_address(host) or _HOST_NAME.match(host) is not None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine, by its address or as ``localhost``."""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def host_of(url: str) -> str:
    """Return host and port of ``url``, as messages show them."""
    return urlsplit(url).netloc


def is_instance_host(url: str) -> bool:
    """Whether ``url`` is the host of a standard or enterprise instance, which asks for derived signing."""
    return ".iotda-app." in _name(url)


def region_of(url: str) -> str | None:
    """Return the region that the host of ``url`` names, or None."""
    found = _INSTANCE_HOST.search(_name(url)) or _SHARED_HOST.match(_name(url))
    return found.group(1) if found else None


def _name(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def ca_setting(chosen: bool | str) -> bool | str:
    """Return what to verify certificates with; False and a path override the variables that requests reads."""
    if isinstance(chosen, str):
        return _checked_ca_file(chosen, "ca_path")
    name = first_set(os.environ, CA_BUNDLES) if chosen else None
    return chosen if name is None else _checked_ca_file(os.environ[name], f"The environment variable {name}")


def _checked_ca_file(path: str, origin: str) -> str:
    try:
        problem = _problem_of_ca_file(path)
    except OSError as error:
        problem = f"a file that cannot be read ({error.strerror})"
    if problem:
        raise ConfigurationError(f"{origin} must name a file of CA certificates, but names {problem}: {path}")
    return path


def _problem_of_ca_file(path: str) -> str | None:
    if os.path.isdir(path):
        hashed = any(_HASHED_NAME.match(name) for name in os.listdir(path))
        return None if hashed else "a directory without hashed certificates (see openssl rehash)"
    try:
        with open(open_regular(path), "rb") as file:
            return "a file larger than 10 MiB" if os.fstat(file.fileno()).st_size > _LARGEST_FILE else None
    except IrregularFileError:
        return "something that is not a file"
