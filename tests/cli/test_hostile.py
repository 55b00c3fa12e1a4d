"""Servers that are not ours, arguments that are no text, secrets that are badly set: a sentence, never a traceback."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from local.serving import serving, site_on
from shared.cli.main import app

PROMOTION = "risk-dev:fraud-detector:7"
SEND = ("webhook", "send", PROMOTION, "--sender", "pipeline", "--approve", "--as", "amir.approver@contoso.com")
DIGEST = "0" * 64
KEY = "whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="

Run = Callable[..., Result]


@pytest.fixture
def told() -> Iterator[tuple[list[bytes], Run]]:
    """What a server says to everything, and the command in front of it."""
    said = [b"{}"]

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": said[0]})

    site = site_on(answer)

    def run(*arguments: str, **environment: str) -> Result:
        told = {"CLEARANCE_SERVER": site.url, "CLEARANCE_TOKEN": "secret", "CLEARANCE_WEBHOOK_KEY": KEY}
        return CliRunner().invoke(app, list(arguments), env={**told, **environment})

    with serving(site):
        yield said, run


@pytest.mark.parametrize("command", [("check",), ("test",), ("backtest", "--from", "2026-01-01", "--folder")])
def test_a_folder_that_no_file_system_could_hold_is_told(command: tuple[str, ...]) -> None:
    refused = CliRunner().invoke(app, ["policy", *command, "é" * 5_000], env={"CLEARANCE_SERVER": "http://127.0.0.1:9"})

    assert isinstance(refused.exception, SystemExit)
    assert refused.exit_code in {1, 2}
    assert "too long" in refused.stderr


@pytest.mark.parametrize("command", [("show", PROMOTION), ("history", PROMOTION), ("history",), SEND])
@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"7", b'"x"', b'{"items": 7}', b"[" * 100_000, b'{"a": 1, "a": 2}', b"\xff", b'{"evaluation": 0}'],
)
def test_an_answer_in_another_form_is_told_from_ours(told: Any, command: tuple[str, ...], body: bytes) -> None:
    said, run = told
    said[0] = body

    shown = run(*command)

    assert shown.exit_code == 3
    assert "is it the app?" in shown.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("history", "--model", "\udcff"),
        (*SEND, "--evaluation", DIGEST, "--comment", "\udcff"),
        (*SEND, "--evaluation", DIGEST, "--id", "no id"),
        (*SEND, "--evaluation", DIGEST, "--id", "\udcff"),
        (*SEND, "--evaluation", DIGEST, "--record", "\x1b[31mred"),
    ],
)
def test_what_cannot_be_sent_is_a_fault_of_usage(told: Any, arguments: tuple[str, ...]) -> None:
    shown = told[1](*arguments)

    assert shown.exit_code == 2
    assert "\x1b" not in shown.output
    assert shown.exception is None or isinstance(shown.exception, SystemExit)


@pytest.mark.parametrize("spoilt", ["sesame\r\nX-More: yes", "sesame open", "sesam\u00e9", "sesame\udcff"])
def test_a_token_that_no_header_can_carry_is_a_fault_of_usage_that_does_not_show_it(told: Any, spoilt: str) -> None:
    shown = told[1]("show", PROMOTION, CLEARANCE_TOKEN=spoilt)

    assert shown.exit_code == 2
    assert "CLEARANCE_TOKEN" in shown.stderr
    assert "sesam" not in shown.output


@pytest.mark.parametrize(
    "server", ["https://127.0.0.1?sig=sesame", "https://127.0.0.1/#sesame", "https://me:sesame@127.0.0.1"]
)
def test_what_may_be_a_secret_in_the_address_of_a_server_is_not_shown(told: Any, server: str) -> None:
    shown = told[1]("show", PROMOTION, "--server", server)

    assert shown.exit_code == 2
    assert "sesame" not in shown.output
