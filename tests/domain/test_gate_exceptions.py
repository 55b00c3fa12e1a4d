"""Exceptions: what lets a gate through, for whom, until when, and that nobody decides on one without knowing."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.digest import difference
from shared.domain.evaluation import Evaluation, GateException, Outcome
from shared.domain.explanation import explain
from shared.domain.policy import ExceptionRule
from tests.domain.evidence_makers import (
    NOW,
    a_model_version,
    a_policy,
    a_run,
    an_evaluation,
    gate_of,
    passing_evidence,
)

UNTIL = date(2026, 3, 31)
WEAK = passing_evidence(run=a_run(metrics={"auc": "0.89", "fairness_gap": "0.02"}))


def an_exception(**changes: object) -> ExceptionRule:
    rule = ExceptionRule("metric:auc", ("fraud-*",), "rosa.risk@contoso.com", "RISK-311: new labels in April", UNTIL)
    return replace(rule, **changes)  # type: ignore[arg-type]


def judged(*exceptions: ExceptionRule, now: datetime = NOW) -> Evaluation:
    """A version whose auc is too low, under these exceptions."""
    return an_evaluation(policy=a_policy(exceptions=exceptions), evidence=WEAK, now=now)


def test_an_exception_lets_a_gate_through_and_is_recorded_with_it() -> None:
    evaluation = judged(an_exception())
    gate = gate_of(evaluation, "metric:auc")
    assert (gate.outcome, gate.blocks, gate.warns) == (Outcome.FAILED, False, True)
    assert gate.exception == GateException("rosa.risk@contoso.com", "RISK-311: new labels in April", UNTIL)
    assert evaluation.outcome is Outcome.PASSED
    assert explain(evaluation).others[0].sentence == (
        "metric:auc failed (exception until 2026-03-31, rosa.risk@contoso.com: RISK-311: new labels in April): "
        "auc is 0.89, below the least allowed, 0.9."
    )


@pytest.mark.parametrize(
    "rule",
    [an_exception(gate="metric:fairness_gap"), an_exception(models=("fraud-scorer",)), an_exception(until=date(2026, 2, 28))],
    ids=["another gate", "another model", "ended"],
)  # fmt: skip
def test_any_other_exception_lets_nothing_through(rule: ExceptionRule) -> None:
    evaluation = judged(rule)
    assert [gate.gate for gate in evaluation.not_passed] == ["metric:auc"]
    assert evaluation == judged()


def test_a_gate_that_passes_bears_no_exception_so_that_its_end_changes_nothing() -> None:
    policy = a_policy(exceptions=(an_exception(),))
    assert an_evaluation(policy=policy).digest == an_evaluation().digest


@pytest.mark.parametrize("gate", ["separation_of_duties", "target:contoso-shared"])
def test_no_exception_weakens_separation_of_duties_or_targets(gate: str) -> None:
    policy = a_policy(exceptions=(an_exception(gate=gate),))
    unknown = passing_evidence(version=a_model_version(registrant="nobody known"))
    assert [g.gate for g in an_evaluation(policy=policy, evidence=unknown).not_passed] == ["separation_of_duties"]


@given(st.datetimes(datetime(2026, 3, 30), datetime(2026, 4, 2), timezones=st.just(UTC)))  # noqa: DTZ001 - timezones says it
def test_it_lasts_to_the_end_of_its_day_in_utc(now: datetime) -> None:
    let_through = gate_of(judged(an_exception(), now=now), "metric:auc").exception is not None
    assert let_through == (now < datetime.combine(UNTIL + timedelta(days=1), time(), UTC))


@given(st.permutations([an_exception(until=UNTIL + timedelta(days=n), owner=f"{n}@contoso.com") for n in range(3)]))
def test_of_several_the_one_that_lasts_longest_counts_in_whatever_order(rules: list[ExceptionRule]) -> None:
    found = gate_of(judged(*rules), "metric:auc").exception
    assert found is not None
    assert found.owner == "2@contoso.com"


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        ((), 'The exception from gate metric:auc is gone; it was "owner rosa.risk@contoso.com, reason RISK-311'),
        ((an_exception(reason="none"),), "The exception from gate metric:auc was"),
        ((an_exception(until=date(2026, 4, 1)),), "until 2026-04-01"),
        ((an_exception(owner="amir@contoso.com"),), "owner amir@contoso.com"),
    ],
)
def test_what_changes_about_an_exception_changes_the_digest_and_is_told(
    after: tuple[ExceptionRule, ...], sentence: str
) -> None:
    before, now = judged(an_exception()), judged(*after)
    assert before.digest != now.digest
    (told,) = difference(before, now)
    assert sentence in told
    assert difference(now, before)


def test_the_first_exception_to_end_is_what_counts_for_the_whole() -> None:
    rules = (an_exception(), an_exception(gate="metric:fairness_gap", until=date(2026, 3, 20)))
    evidence = passing_evidence(run=a_run(metrics={"auc": "0.89", "fairness_gap": "0.2"}))
    evaluation = an_evaluation(policy=a_policy(exceptions=rules), evidence=evidence)
    assert evaluation.exceptions_end_at == datetime(2026, 3, 21, tzinfo=UTC)
    assert judged().exceptions_end_at is None
