# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may come: users, projects, access keys and tokens. All invented."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

from .clock import Clock
from .settings import Settings


@dataclass
class Project:
    """A project; by default one bears the region's name."""

    project_id: str
    name: str
    enabled: bool = True


@dataclass
class Token:
    """An IAM token. Without a project it is good for IAM alone."""

    text: str
    project_id: str | None
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Key:
    """An access key; a temporary one has a security token and an end."""

    access: str
    secret: str
    security_token: str | None = None
    expires_at: datetime | None = None


class Accounts:
    """One account (domain) with everything in it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._numbers = count(1)
        self.domain_id = uuid4().hex
        self.user_id = uuid4().hex
        self.projects: dict[str, Project] = {}
        self.tokens: dict[str, Token] = {}
        self.keys: dict[str, Key] = {}

    def add_project(self, name: str, project_id: str | None = None, enabled: bool = True) -> Project:
        project = Project(project_id or uuid4().hex, name, enabled)
        self.projects[project.project_id] = project
        return project

    def remove_projects(self, name: str) -> None:
        for project in self.projects_named(name):
            del self.projects[project.project_id]

    def projects_named(self, name: str | None) -> list[Project]:
        """Return the projects of that name; all for None."""
        return [project for project in self.projects.values() if name is None or project.name == name]

    def add_key(self) -> Key:
        """Return a new permanent access key."""
        return self._keep(Key(f"AKSIM{next(self._numbers):015d}", secrets.token_hex(20)))

    def add_temporary_key(self, lifetime: float | None = None) -> Key:
        """Return a new key with a security token; it lives ``lifetime`` seconds."""
        seconds = self._settings.temporary_key_lifetime if lifetime is None else lifetime
        ends = self._clock.now() + timedelta(seconds=seconds)
        access = f"HSTSIM{next(self._numbers):014d}"
        return self._keep(Key(access, secrets.token_hex(20), f"hQpjbi1ub3J0aC00{secrets.token_hex(80)}", ends))

    def _keep(self, key: Key) -> Key:
        self.keys[key.access] = key
        return key

    def secrets(self) -> set[str]:
        """Return the secret keys, security tokens and tokens that were given out, also those that have expired."""
        keys = list(self.keys.values())
        return {
            *self.tokens,
            *(key.secret for key in keys),
            *(key.security_token for key in keys if key.security_token),
        }

    def issue_token(self, project_id: str | None, expires_in: float | None = None) -> Token:
        seconds = self._settings.token_lifetime if expires_in is None else expires_in
        now = self._clock.now()
        token = Token(f"MIISIM{secrets.token_hex(120)}", project_id, now, now + timedelta(seconds=seconds))
        self.tokens[token.text] = token
        return token

    def expire_token(self, text: str | None = None) -> None:
        """Let a token expire now; None: all of them."""
        for token in [self.tokens[text]] if text else self.tokens.values():
            token.expires_at = self._clock.now() - timedelta(seconds=1)
