"""The digest names facts and rules, and nothing that moves with the clock (design section 2)."""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.change_window import ChangeWindow
from shared.domain.digest import difference, digest_document, digest_of
from shared.domain.digest_document import metric_value, rfc3339
from shared.domain.evaluation import Evaluation, Outcome
from shared.domain.evidence import Artifact, Results, Series, Source
from shared.domain.ids import Incarnation
from shared.domain.policy import TagRule, TargetRule
from tests.adapters.event_strategies import values_of
from tests.domain.evidence_makers import (
    NOW,
    a_champion,
    a_model_version,
    a_person,
    a_policy,
    a_promotion,
    a_run,
    an_approval_rule,
    an_evaluation,
    an_evidence_rule,
    passing_evidence,
    people,
    tags,
)


def with_version(**changes: Any) -> Evaluation:
    return an_evaluation(evidence=passing_evidence(version=a_model_version(**changes)), champion=a_champion())


def with_run(**changes: Any) -> Evaluation:
    return an_evaluation(evidence=passing_evidence(run=a_run(**changes)), champion=a_champion())


def with_approval(**changes: Any) -> Evaluation:
    return an_evaluation(policy=a_policy(approval=an_approval_rule(**changes)), champion=a_champion())


def with_policy(**changes: Any) -> Evaluation:
    return an_evaluation(policy=a_policy(**changes), champion=a_champion())


USUAL = an_evaluation(champion=a_champion())


@given(st.integers(min_value=0, max_value=28 * 86400))
def test_the_same_facts_give_the_same_digest_at_any_later_time_until_an_outcome_changes(seconds: int) -> None:
    later = an_evaluation(champion=a_champion(), now=NOW + timedelta(seconds=seconds))
    assert later.digest == USUAL.digest
    assert difference(USUAL, later) == ()


def test_an_outcome_that_time_changes_changes_the_digest() -> None:
    later = an_evaluation(champion=a_champion(), now=NOW + timedelta(days=29))
    assert later.outcome is Outcome.UNPROVEN
    assert later.digest != USUAL.digest
    assert difference(USUAL, later) == ('Gate evidence:max_age was "passed", is "unproven".',)


@given(st.randoms(use_true_random=False))
def test_the_order_in_a_policy_file_never_shows(chance: random.Random) -> None:
    def shuffled(items: Any) -> list[Any]:
        return chance.sample(list(items), len(items))

    usual, rule = a_policy(), an_evidence_rule()
    reordered = a_policy(
        release_record=tuple(shuffled(usual.release_record)),
        tags={**dict(shuffled(usual.tags.items())), "classification": TagRule(one_of=("restricted", "internal"))},
        evidence=an_evidence_rule(metrics=dict(shuffled(rule.metrics.items()))),
        approval=an_approval_rule(
            groups=tuple(shuffled(usual.approval.groups)), exclude=("run_submitter", "registrant")
        ),
        targets=tuple(shuffled(usual.targets)),
    )
    again = an_evaluation(policy=reordered, champion=a_champion())
    assert again.digest == USUAL.digest
    assert difference(USUAL, again) == ()


@pytest.mark.parametrize(
    "again",
    [
        an_evaluation(champion=a_champion(), policy_build=99),
        an_evaluation(champion=a_champion(), address=None),
        with_policy(owner="somebody.else@contoso.com"),
        with_policy(grace=timedelta(hours=9)),
        with_version(tags=tags(note="no gate names it")),
        with_version(properties={"azureml.noise": "1"}),
        with_version(flavors=("sklearn", "python_function")),
        with_version(artifacts=tuple(reversed(a_model_version().artifacts or ()))),
        with_version(registrant="dana.submitter@contoso.com"),
        with_run(ended_at=NOW - timedelta(days=3)),
        with_run(metrics={"auc": "9.40e-1", "fairness_gap": "0.020", "loss": "7"}),
        an_evaluation(champion=a_champion(), people=people(a_person("new.comer", "New Comer"))),
    ],
)
def test_what_gates_do_not_name_has_no_part_in_it(again: Evaluation) -> None:
    assert again.digest == USUAL.digest
    assert difference(USUAL, again) == ()


A_FILE = Source("results", "evaluate-7", "evaluate.py", NOW, "results.json", "5" * 64)


def with_evidence(**changes: Any) -> Evaluation:
    return an_evaluation(evidence=passing_evidence(**changes), champion=a_champion())


def test_of_a_file_its_run_path_and_bytes_count_and_neither_its_time_nor_who_says_to_have_made_it() -> None:
    one = with_evidence(results=Results(A_FILE))
    same = replace(A_FILE, producer="somebody", at=None)
    assert with_evidence(results=Results(same)).digest == one.digest
    others = (replace(A_FILE, run="evaluate-8"), replace(A_FILE, path="other.json"), replace(A_FILE, sha256="6" * 64))
    for other in others:
        assert with_evidence(results=Results(other)).digest != one.digest


def test_the_sha256_of_a_run_has_no_part_in_it_for_what_counts_of_a_run_stands_by_itself() -> None:
    one, other = with_evidence(run_sha256="5" * 64), with_evidence(run_sha256="6" * 64)
    assert one.facts.sources != other.facts.sources
    assert one.digest == other.digest == USUAL.digest


def taken(use: str) -> Evaluation:
    auc = replace(an_evidence_rule().metrics["auc"], use=use)
    policy = a_policy(evidence=an_evidence_rule(metrics={**an_evidence_rule().metrics, "auc": auc}))
    evidence = passing_evidence(series={"auc": Series(("0.96", "0.94"))})
    return an_evaluation(policy=policy, evidence=evidence, champion=a_champion())


WINDOW = ChangeWindow("Europe/Zurich", ("mon",), time(9), time(17), ((date(2026, 12, 20), date(2027, 1, 5)),))

FACTS: list[tuple[str, Callable[[], Evaluation], str]] = [
    ("a tag", lambda: with_version(tags=tags(owner="amir.approver@contoso.com")), "Tag owner was"),
    ("a tag taken away", lambda: with_version(tags=tags(scope=None)), "Tag scope is gone; it was"),
    ("a tag of the record", lambda: with_version(tags=tags(scope="all")), "Tag scope was"),
    ("the run's tag", lambda: with_version(tags=tags(evaluation_run="other")), "Tag evaluation_run was"),
    ("the job", lambda: with_version(job="train-8"), "The job was"),
    ("the asset type", lambda: with_version(asset_type="custom_model"), "The asset type was"),
    ("the flavors", lambda: with_version(flavors=("sklearn",)), "The list of flavors was"),
    ("a file's size", lambda: with_version(artifacts=(Artifact("MLmodel", 513, "bWxtb2RlbA=="),)), "File MLmodel was"),
    ("a file less", lambda: with_version(artifacts=()), "File model.pkl is gone"),
    ("no listing", lambda: with_version(artifacts=None), 'The list of files was "listed", is "none"'),
    ("a file that is no text", lambda: with_version(artifacts=(Artifact("\ud800", 1, None),)), "is new"),
    (
        "the time of registration",
        lambda: with_version(incarnation=Incarnation(USUAL.incarnation.asset_id, NOW)),
        "The time",
    ),
    ("the asset id", lambda: with_version(incarnation=Incarnation("x", USUAL.incarnation.created_at)), "The asset id"),
    (
        "the job's status",
        lambda: an_evaluation(evidence=passing_evidence(lineage_status="Running")),
        "The job's status",
    ),
    ("a metric", lambda: with_run(metrics={"auc": "0.941", "fairness_gap": "0.02"}), "Metric auc was"),
    ("a metric not finite", lambda: with_run(metrics={"auc": "NaN", "fairness_gap": "0.02"}), "not finite NaN"),
    ("the run", lambda: with_run(id="evaluate-8"), "The run was"),
    ("the run's status", lambda: with_run(status="Completed"), "The run's status was"),
    ("the data set", lambda: with_run(dataset="other"), "The data set was"),
    ("who submitted the run", lambda: with_run(submitter="Amir Haddad"), "The list of people who never count was"),
    ("how a metric is taken", lambda: taken("best"), 'The way of taking metric auc is new: "best".'),
    ("the best of its values", lambda: taken("best"), "Metric auc was"),
    ("the commit", lambda: with_evidence(code="1f" * 20), "The commit is new"),
    ("the bytes of a file", lambda: with_evidence(results=Results(A_FILE)), "The file of results is new"),
    ("the champion", lambda: an_evaluation(champion=a_champion(round=2)), "The champion compared with was"),
    ("no champion", an_evaluation, 'is "none"'),
    ("the quorum", lambda: with_approval(quorum=1), 'The number of approvals needed was "2", is "1".'),
    ("the rejections", lambda: with_approval(rejections=2), "The number of rejections"),
    ("the groups", lambda: with_approval(groups=("ml-approvers",)), "The list of groups that may approve"),
    ("the required groups", lambda: with_approval(required_groups=()), "The list of groups that must approve"),
    ("the expiry", lambda: with_approval(expires_after=timedelta(days=1)), "The number of seconds until"),
    ("the record asked for", lambda: with_policy(release_record=()), "Gate release_record is gone"),
    ("a target", lambda: with_policy(targets=(TargetRule("contoso-shared"),)), "The list of targets was"),
    ("a change window", lambda: with_policy(change_window=WINDOW), "The change window is new"),
    ("the mode", lambda: with_policy(mode="shadow"), "The mode of gate tag:owner was"),
    (
        "an expected value",
        lambda: with_policy(tags={"owner": TagRule(pattern=".+")}),
        "What is expected by gate tag:owner",
    ),
    ("a new gate", lambda: with_policy(tags={**a_policy().tags, "x": TagRule(pattern=".")}), "Gate tag:x is new"),
    (
        "the promotion",
        lambda: an_evaluation(promotion=a_promotion("8"), champion=a_champion()),
        "The promotion was",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), [fact[1:] for fact in FACTS], ids=[fact[0] for fact in FACTS])
def test_every_fact_and_rule_changes_the_digest_and_is_named(change: Callable[[], Evaluation], sentence: str) -> None:
    changed = change()
    assert changed.digest != USUAL.digest
    told = difference(USUAL, changed)
    assert any(sentence in line for line in told), told
    assert difference(changed, USUAL)


@pytest.mark.parametrize(
    "change",
    [{"time_zone": "UTC"}, {"days": ("tue",)}, {"opens": time(8)}, {"closes": time()}, {"freezes": ()}],
    ids=lambda change: next(iter(change)),
)
def test_whatever_moves_a_change_window_changes_the_digest(change: dict[str, Any]) -> None:
    before, after = with_policy(change_window=WINDOW), with_policy(change_window=replace(WINDOW, **change))
    assert before.digest != after.digest
    (told,) = difference(before, after)
    assert told.startswith("The change window was")


def test_a_property_that_a_gate_names_would_count_too() -> None:
    facts = replace(USUAL.facts, properties={"azureml.base": "x"})
    changed = replace(USUAL, facts=facts)
    assert digest_of(changed) != USUAL.digest
    assert difference(USUAL, changed) == ('Property azureml.base is new: "x".',)


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_texts_have_one_digest_only_when_they_are_one_text(one: str, other: str) -> None:
    first, second = with_version(tags=tags(scope=one)), with_version(tags=tags(scope=other))
    assert (first.digest == second.digest) == (one == other)
    assert (difference(first, second) == ()) == (one == other)


@pytest.mark.parametrize(("text", "value"), [("0.90", "0.9"), ("0.9", "0.9"), ("NaN", {"not finite": "NaN"})])
def test_a_metric_has_one_value(text: str, value: Any) -> None:
    assert metric_value(text) == value


def test_numbers_that_rfc_8785_refuses_are_tagged_text() -> None:
    long = "1" * 70
    document = digest_document(with_run(metrics={"auc": long, "fairness_gap": "True"}))
    assert document["facts"]["metrics"] == {"auc": {"over-long": long}, "fairness_gap": {"malformed": "True"}}


def test_text_that_no_encoding_holds_is_tagged() -> None:
    document = digest_document(with_version(tags=tags(scope="\ud800")))
    assert document["facts"]["tags"]["scope"] == {"surrogates": "eda080"}


def test_a_file_larger_than_a_safe_integer_is_told_by_its_decimal_text() -> None:
    evaluation = with_version(artifacts=(Artifact("big", 2**63, None),))
    assert digest_document(evaluation)["facts"]["artifacts"] == [["big", "9223372036854775808", None]]


def test_the_document_holds_no_clock_reading_and_no_explanation() -> None:
    text = json.dumps(digest_document(USUAL))
    assert "explanation" not in text
    assert "actual" not in text
    assert "ended" not in json.dumps(digest_document(USUAL)["facts"])


def test_the_digest_of_known_facts_never_changes() -> None:
    """Histories hold digests: whoever changes this form voids every open round. Think of a migration first."""
    assert USUAL.digest == digest_of(USUAL) == "835ef3df34a90299b300ffc14df882d63a16a6269ea8c98b3ef68526add604c0"


def test_times_are_rfc_3339_in_utc() -> None:
    assert rfc3339(NOW) == "2026-03-01T12:00:00Z"
    east = timezone(timedelta(hours=2))
    assert rfc3339(datetime(2026, 3, 1, 14, 0, 0, 250_000, tzinfo=east)) == "2026-03-01T12:00:00.250000Z"
    with pytest.raises(ValueError, match="aware"):
        rfc3339(datetime(2026, 3, 1))  # noqa: DTZ001 - what must be refused


@settings(max_examples=50)
@given(values_of(Evaluation))
def test_the_digest_of_any_evaluation_is_over_the_form_that_rfc8785_writes(evaluation: Evaluation) -> None:
    written = rfc8785.dumps(digest_document(evaluation))
    assert digest_of(evaluation) == hashlib.sha256(written).hexdigest()
