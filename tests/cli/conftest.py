"""The web app on a real server before a world in memory, and the command in front of it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from local.serving import serving, site_on
from shared.cli.main import app
from tests.web.conftest import sign_in
from tests.web.front import KEY, SETTINGS, Front, SignIn

__all__ = ["sign_in"]

WHSEC = "whsec_" + base64.b64encode(KEY).decode()
# The command signs by the machine's clock, and the world's stands still.
PATIENT = replace(SETTINGS, tolerance=timedelta(days=36500))


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs the command against one app."""

    front: Front
    url: str

    def run(self, *arguments: str, person: str | None = "ana.auditor", **environment: str | None) -> Result:
        """Run `clearance` with the token of `person`, if any."""
        token = self.front.sign_in.token(person) if person else None
        told = {"CLEARANCE_SERVER": self.url, "CLEARANCE_TOKEN": token, "CLEARANCE_WEBHOOK_KEY": WHSEC, **environment}
        return CliRunner().invoke(app, list(arguments), env=told)


@pytest.fixture
def shell(sign_in: SignIn) -> Iterator[Shell]:
    front = Front(sign_in, PATIENT)
    site = site_on(front.app)
    with serving(site):
        yield Shell(front, site.url)
