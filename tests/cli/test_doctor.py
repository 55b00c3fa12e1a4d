"""`clearance doctor` where what was typed is at fault: nothing is looked at."""

import pytest
from typer.testing import CliRunner

from shared.cli.main import app
from tests.settings.makers import environment


@pytest.mark.parametrize(
    "url", ["ftp://x", "", "https://", "clearance.contoso.com", "https://ann@contoso.com", "x\u202e"]
)
def test_a_url_that_is_none_is_a_fault_of_the_option_and_not_of_the_settings(url: str) -> None:
    ran = CliRunner().invoke(app, ["doctor", "--app", url], env=environment())
    said = " ".join(ran.output.replace("│", " ").split())

    assert ran.exit_code == 2
    assert "Invalid value for --app: found" in said
    assert "expected an https URL" in said
    assert "CLEARANCE_PUBLIC_URL" not in said
    assert "\u202e" not in said
