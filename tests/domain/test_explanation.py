from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.evaluation import GateResult, Outcome
from shared.domain.explanation import explain
from shared.domain.policy import Mode
from shared.domain.visible import LONGEST_SHOWN, quoted, visible
from tests.domain.evidence_makers import (
    a_champion,
    a_model_version,
    a_policy,
    a_run,
    an_evaluation,
    passing_evidence,
    tags,
)


def test_what_cannot_be_seen_is_spelled_out() -> None:
    assert visible("abc\u202edef\x00\n\ud800\u200b") == "abc\\u{202E}def\\u{0000}\\u{000A}\\u{D800}\\u{200B}"
    assert visible("Señor 日本 🙂") == "Señor 日本 🙂"
    assert quoted("a\tb") == '"a\\u{0009}b"'


@given(st.text(max_size=600))
def test_shown_text_is_short_and_showing_it_again_changes_nothing(text: str) -> None:
    shown = visible(text)
    assert len(shown) <= LONGEST_SHOWN
    assert visible(shown) == shown


def test_a_cut_is_marked() -> None:
    assert visible("x" * 257) == "x" * 255 + "…"
    assert visible("x" * 256) == "x" * 256


def test_a_gate_is_one_sentence() -> None:
    evidence = passing_evidence(run=a_run(metrics={"auc": "0.7", "fairness_gap": "0.02"}))
    (gate,) = explain(an_evaluation(evidence=evidence)).held
    assert gate.sentence == "metric:auc failed: auc is 0.7, below the least allowed, 0.9."
    assert (gate.why, gate.source) == ("auc is 0.7, below the least allowed, 0.9.", "the run evaluate-7")
    assert gate.command.startswith("az ml model create --name fraud-detector")


def test_an_evaluation_is_told_by_rule_actual_expected_and_command() -> None:
    evidence = passing_evidence(version=a_model_version(tags=tags(owner="dana@example.com", scope=None)))
    lines = explain(an_evaluation(evidence=evidence)).lines
    assert lines == (
        "risk-dev:fraud-detector:7 by policy fraud: 1 of 13 gates did not pass.",
        'tag:owner failed: The tag owner holds "dana@example.com", which does not fit the pattern.',
        '  actual:   "dana@example.com"',
        r"  expected: a value that fits [^@]+@contoso\.com",
        "  from:     the tag owner of risk-dev:fraud-detector:7",
        (
            "  to mend:  az ml model update --name fraud-detector --version 7 --set 'tags.owner=<owner>' "
            "--subscription 00000000-0000-4000-8000-0000000000aa --resource-group risk-rg --workspace-name risk-dev-ws"
        ),
        "To be stated with a decision: scope.",
    )


def test_where_all_is_well_there_is_one_line() -> None:
    assert explain(an_evaluation()).lines == (
        "risk-dev:fraud-detector:7 by policy fraud: nothing stands against it (13 gates looked at).",
    )


@pytest.mark.parametrize(
    ("mode", "said"), [("warn", "warning, it does not block"), ("shadow", "shadow: would have blocked")]
)
def test_a_gate_that_does_not_block_is_told_and_why(mode: Mode, said: str) -> None:
    evidence = passing_evidence(version=a_model_version(tags=tags(owner=None)))
    told = explain(an_evaluation(policy=a_policy(modes={"tag:owner": mode}), evidence=evidence))
    assert told.held == ()
    assert "nothing stands against it" in told.lines[0]
    assert told.lines[1] == f"tag:owner unproven ({said}): The tag owner is missing."
    assert told.others[0].warns is (mode == "warn")


def test_what_was_recorded_as_observed_reads_as_shadow() -> None:
    observed = GateResult("tag:owner", "observe", Outcome.FAILED, "set", "", "The tag owner is missing.", "")
    assert not observed.blocks
    assert not observed.warns
    (gate,) = explain(replace(an_evaluation(), gates=(observed,))).others
    assert gate.sentence == "tag:owner failed (shadow: would have blocked): The tag owner is missing."


def test_what_holds_a_version_back_comes_first_and_what_passed_last() -> None:
    evidence = passing_evidence(
        version=a_model_version(tags=tags(owner=None)), run=a_run(metrics={"auc": "0.7", "fairness_gap": "0.02"})
    )
    told = explain(an_evaluation(evidence=evidence))
    assert [gate.gate for gate in told.gates[:2]] == ["metric:auc", "tag:owner"]
    assert {gate.outcome for gate in told.gates[2:]} == {Outcome.PASSED}
    assert len(told.gates) == 13


def test_every_gate_says_where_its_value_came_from() -> None:
    assert all(gate.source for gate in explain(an_evaluation()).gates)
    compared = explain(an_evaluation(champion=a_champion())).gates
    (source,) = (gate.source for gate in compared if gate.gate == "metric:auc:champion")
    assert source == "the run evaluate-7, and round 1 of the champion risk-dev:fraud-detector:6"


def test_what_recorded_gates_do_not_say_is_left_out() -> None:
    """Rows of earlier releases name no source."""
    passing = an_evaluation()
    old = replace(passing.gates[1], outcome=Outcome.FAILED, source="", command="")
    (gate,) = explain(replace(passing, gates=(old,))).held
    assert [line.split(":")[0].strip() for line in gate.lines] == ["tag", "actual", "expected"]
