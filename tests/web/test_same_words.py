"""API, command, pages and events say of an evaluation the same words: those of `shared.domain.explanation`."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.evaluation import Outcome
from shared.domain.explanation import GateWords, explain
from tests.cli.conftest import Shell, shell
from tests.domain.evidence_makers import a_policy, tags
from tests.web.conftest import sign_in
from tests.web.front import ONE

__all__ = ["shell", "sign_in"]

PROMOTION = "risk-dev:fraud-detector:7"


def unwrapped(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def blocked(shell: Shell) -> Shell:
    """Held back by two gates, with a warning beside them."""
    shell.front.world.policies.loaded = (a_policy(modes={"tag:data_window": "warn"}),)
    shell.front.world.register(
        tags=tags(owner="dana@elsewhere.com", classification=None, data_window="<b>\u202e"), registrant="Dana Osei"
    )
    shell.front.world.work()
    return shell


def told(shell: Shell) -> list[GateWords]:
    evaluation = shell.front.world.case().evaluation
    assert evaluation is not None
    gates = [gate for gate in explain(evaluation).gates if gate.outcome is not Outcome.PASSED]
    assert [gate.gate for gate in gates] == ["tag:owner", "tag:classification", "tag:data_window"]
    return gates


def fields(gate: GateWords) -> dict[str, Any]:
    return {
        "gate": gate.gate, "mode": gate.mode, "blocks": gate.blocks, "note": gate.note, "exception": None, "outcome": str(gate.outcome),
        "expected": gate.expected, "actual": gate.actual, "source": gate.source, "explanation": gate.why,
        "command": gate.command,
    }  # fmt: skip


def test_the_api_and_events_carry_every_word(blocked: Shell) -> None:
    wanted = [fields(gate) for gate in told(blocked)]
    whole = blocked.front.get(ONE).json()["evaluation"]
    one = blocked.front.get(f"{ONE}/explanation").json()
    event = next(e for e in blocked.front.world.publisher.published if e["type"] == "Clearance.Blocked")["data"]
    for answer in (whole, one, event):
        assert answer["gates"][:3] == wanted
        assert answer["explanation"] == whole["explanation"]
    assert whole["explanation"][1] == told(blocked)[0].sentence


def test_a_page_carries_every_word(blocked: Shell) -> None:
    page = html.unescape(blocked.front.page("/promotions/risk-dev/fraud-detector/7").text)
    for gate in told(blocked):
        words = fields(gate)
        del words["mode"]  # its note says what it means
        assert all(said in page for said in words.values() if isinstance(said, str))


def test_the_commands_carry_every_word(blocked: Shell) -> None:
    shown = unwrapped(blocked.run("policy", "explain", PROMOTION).stdout)
    summary = unwrapped(blocked.run("show", PROMOTION).stdout)
    for gate in told(blocked):
        assert all(unwrapped(line) in shown for line in gate.lines)
        assert gate.why in summary
        assert gate.command in summary
        assert gate.note in summary


def test_the_list_carries_the_sentences_of_what_holds_a_version_back(blocked: Shell) -> None:
    (listed,) = blocked.front.get("/api/promotions").json()["items"]
    assert listed["explanation"] == " ".join(gate.sentence for gate in told(blocked) if gate.blocks)


# ------------------------------------------------------------------------------------------------ clearance policy explain


def test_an_earlier_round_can_be_explained(blocked: Shell) -> None:
    blocked.front.world.clock.advance(timedelta(hours=2))
    blocked.front.world.register(tags=tags())
    blocked.front.world.work()
    assert "nothing stands against it" in blocked.run("policy", "explain", PROMOTION).stdout
    first = json.loads(blocked.run("policy", "explain", PROMOTION, "--round", "1", "--json").stdout)
    assert (first["round"], first["outcome"]) == (1, "failed")
    assert first == blocked.front.get(f"{ONE}/explanation", round=1).json()


def test_a_round_that_there_was_not_is_said(blocked: Shell) -> None:
    missing = blocked.run("policy", "explain", PROMOTION, "--round", "9")
    assert missing.exit_code == 1
    assert "its last round is 1" in missing.stderr


def test_what_was_never_evaluated_cannot_be_explained(shell: Shell) -> None:
    shell.front.world.policies.loaded = (a_policy(models=("other",)),)
    shell.front.world.register()
    shell.front.world.work()
    missing = shell.run("policy", "explain", PROMOTION)
    assert "it has not been evaluated yet" in missing.stderr


def test_commands_that_mend_are_printed_whole(blocked: Shell) -> None:
    lines = blocked.run("policy", "explain", PROMOTION).stdout.splitlines()
    (command,) = [line for line in lines if "tags.owner" in line]
    assert command.endswith("--workspace-name risk-dev-ws")
    assert all(len(line) <= 80 for line in lines if not line.startswith("  to mend:"))
