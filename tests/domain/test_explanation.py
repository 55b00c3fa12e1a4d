import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.evaluation import GateResult, Outcome
from shared.domain.explanation import explain_evaluation, explain_gate
from shared.domain.policy import Mode
from shared.domain.visible import LONGEST_SHOWN, quoted, visible
from tests.domain.evidence_makers import (
    a_model_version,
    a_policy,
    a_run,
    an_evaluation,
    gate_of,
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
    gate = gate_of(an_evaluation(evidence=evidence), "metric:auc")
    assert explain_gate(gate) == "metric:auc failed: auc is 0.7, below the least allowed, 0.9."


def test_an_evaluation_is_told_by_rule_actual_expected_and_command() -> None:
    evidence = passing_evidence(version=a_model_version(tags=tags(owner="dana@example.com", scope=None)))
    lines = explain_evaluation(an_evaluation(evidence=evidence))
    assert lines == (
        "risk-dev:fraud-detector:7 by policy fraud: 1 of 13 rules did not pass.",
        'tag:owner failed: The tag owner holds "dana@example.com", which does not fit the pattern.',
        '  actual:   "dana@example.com"',
        r"  expected: a value that fits [^@]+@contoso\.com",
        (
            "  to mend:  az ml model update --name fraud-detector --version 7 --set 'tags.owner=<owner>' "
            "--subscription 00000000-0000-4000-8000-0000000000aa --resource-group risk-rg --workspace-name risk-dev-ws"
        ),
        "To be stated with a decision: scope.",
    )


def test_where_all_is_well_there_is_one_line() -> None:
    assert explain_evaluation(an_evaluation()) == (
        "risk-dev:fraud-detector:7 by policy fraud: nothing stands against it (13 rules looked at).",
    )


@pytest.mark.parametrize(
    ("mode", "said"), [("warn", "warning, it does not block"), ("shadow", "shadow: would have blocked")]
)
def test_a_gate_that_does_not_block_is_told_and_why(mode: Mode, said: str) -> None:
    evidence = passing_evidence(version=a_model_version(tags=tags(owner=None)))
    lines = explain_evaluation(an_evaluation(policy=a_policy(modes={"tag:owner": mode}), evidence=evidence))
    assert "nothing stands against it" in lines[0]
    assert lines[1] == f"tag:owner unproven ({said}): The tag owner is missing."


def test_what_was_recorded_as_observed_reads_as_shadow() -> None:
    observed = GateResult("tag:owner", "observe", Outcome.FAILED, "set", "", "The tag owner is missing.", "")
    assert not observed.blocks
    assert not observed.warns
    assert explain_gate(observed) == "tag:owner failed (shadow: would have blocked): The tag owner is missing."
