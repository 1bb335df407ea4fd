# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts (domains) with their projects, access keys, tokens, agencies and identity providers. All invented."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

from .clock import Clock
from .settings import Settings


@dataclass
class Project:
    """A project of an account; by default one bears the region's name."""

    project_id: str
    name: str
    domain_name: str
    enabled: bool = True


@dataclass
class Token:
    """An IAM token. Without a project it is good for IAM alone. ``domain_name`` None: the user's own account."""

    text: str
    project_id: str | None
    issued_at: datetime
    expires_at: datetime
    domain_name: str | None = None


@dataclass(frozen=True)
class Key:
    """An access key; a temporary one has a security token and an end. ``domain_name`` None: the user's own account."""

    access: str
    secret: str
    security_token: str | None = None
    expires_at: datetime | None = None
    domain_name: str | None = None


@dataclass(frozen=True)
class Agency:
    """An agency: who assumes it acts in the account ``domain_name``, whose project ``project_id`` is."""

    name: str
    domain_name: str
    project_id: str


@dataclass(frozen=True)
class IdToken:
    """A token of an OpenID Connect identity provider."""

    text: str
    expires_at: datetime


class Accounts:
    """Every account with everything in it. The first is that of the simulator's user."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._numbers = count(1)
        self.user_id = uuid4().hex
        self.domain_ids = {settings.domain_name: uuid4().hex}
        self.projects: dict[str, Project] = {}
        self.tokens: dict[str, Token] = {}
        self.keys: dict[str, Key] = {}
        self.agencies: dict[tuple[str, str], Agency] = {}
        self.id_tokens: dict[str, IdToken] = {}

    def add_project(
        self, name: str, project_id: str | None = None, enabled: bool = True, domain_name: str | None = None
    ) -> Project:
        domain_name = domain_name or self._settings.domain_name
        self.domain_ids.setdefault(domain_name, uuid4().hex)
        project = Project(project_id or uuid4().hex, name, domain_name, enabled)
        self.projects[project.project_id] = project
        return project

    def remove_projects(self, name: str) -> None:
        for project in self.projects_named(name):
            del self.projects[project.project_id]

    def projects_named(self, name: str | None, domain_name: str | None = None) -> list[Project]:
        """Return the projects of that name in an account; all for None."""
        return [
            project
            for project in self.projects.values()
            if name in (None, project.name) and domain_name in (None, project.domain_name)
        ]

    def add_agency(self, name: str, domain_name: str) -> Agency:
        """Return a new agency in another account, which has a project named like the region."""
        project = self.add_project(self._settings.region, domain_name=domain_name)
        agency = Agency(name, domain_name, project.project_id)
        self.agencies[domain_name, name] = agency
        return agency

    def add_id_token(self, expires_in: float) -> IdToken:
        ends = self._clock.now() + timedelta(seconds=expires_in)
        token = IdToken(f"eyJhbGciOiJSUzI1NiJ9.{secrets.token_urlsafe(60)}.{secrets.token_urlsafe(40)}", ends)
        self.id_tokens[token.text] = token
        return token

    def good_id_token(self, text: object) -> bool:
        """Whether an identity provider gave out ``text``, and it has not expired."""
        token = self.id_tokens.get(text) if isinstance(text, str) else None
        return token is not None and token.expires_at > self._clock.now()

    def add_key(self) -> Key:
        """Return a new permanent access key."""
        return self._keep(Key(f"AKSIM{next(self._numbers):015d}", secrets.token_hex(20)))

    def add_temporary_key(self, lifetime: float | None = None, domain_name: str | None = None) -> Key:
        """Return a new key with a security token; it lives ``lifetime`` seconds."""
        seconds = self._settings.temporary_key_lifetime if lifetime is None else lifetime
        ends = self._clock.now() + timedelta(seconds=seconds)
        access = f"HSTSIM{next(self._numbers):014d}"
        token = f"hQpjbi1ub3J0aC00{secrets.token_hex(80)}"
        return self._keep(Key(access, secrets.token_hex(20), token, ends, domain_name))

    def expire_temporary_keys(self) -> None:
        """Let every temporary key expire now."""
        ended = self._clock.now() - timedelta(seconds=1)
        for key in list(self.keys.values()):
            if key.security_token:
                self._keep(replace(key, expires_at=ended))

    def _keep(self, key: Key) -> Key:
        self.keys[key.access] = key
        return key

    def secrets(self) -> set[str]:
        """Return the secret keys, security tokens and tokens that were given out, also those that have expired."""
        keys = list(self.keys.values())
        return {
            *self.tokens,
            *self.id_tokens,
            *(key.secret for key in keys),
            *(key.security_token for key in keys if key.security_token),
        }

    def issue_token(
        self, project_id: str | None, expires_in: float | None = None, domain_name: str | None = None
    ) -> Token:
        seconds = self._settings.token_lifetime if expires_in is None else expires_in
        now = self._clock.now()
        text = f"MIISIM{secrets.token_hex(120)}"
        token = Token(text, project_id, now, now + timedelta(seconds=seconds), domain_name)
        self.tokens[token.text] = token
        return token

    def expire_token(self, text: str | None = None) -> None:
        """Let a token expire now; None: all of them."""
        for token in [self.tokens[text]] if text else self.tokens.values():
            token.expires_at = self._clock.now() - timedelta(seconds=1)
