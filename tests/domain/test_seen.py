"""What an evaluation saw is kept whole, within bounds, and says what it leaves out."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.canonical import canonical
from shared.domain.evidence import Evidence, Results, Series, Source
from shared.domain.policy import DocumentRule, MetricRule, ResultsRule, TargetRule
from shared.domain.seen import LONGEST_TEXT, MOST_ENTRIES, MOST_ITEMS, Answerable, Seen, readings, see
from shared.web.plain import plain
from tests.domain.evidence_makers import (
    NOW,
    a_model_version,
    a_person,
    a_policy,
    a_promotion,
    a_rule,
    a_run,
    an_approval_rule,
    an_evidence_rule,
    passing_evidence,
    people,
    tags,
)


def seen(evidence: Evidence | None = None, **changes: Any) -> Seen:
    arguments: dict[str, Any] = {
        "promotion": a_promotion(), "evidence": evidence or passing_evidence(), "people": people(),
        "given_up": frozenset(), "at": NOW,
    }  # fmt: skip
    policy = changes.pop("policy", a_policy())
    return see(policy, **{**arguments, **changes})


def test_what_no_gate_names_is_kept_too() -> None:
    run = a_run(metrics={"auc": "0.94", "log_loss": "0.2"})
    found = seen(passing_evidence(version=a_model_version(tags=tags(note="x")), run=run))
    assert found.evidence.version.tags["note"] == "x"
    assert found.evidence.run is not None
    assert found.evidence.run.metrics["log_loss"] == "0.2"
    assert found.left_out == {}


def test_who_made_it_is_kept_as_spelled_and_as_the_persons_it_fitted() -> None:
    found = seen(passing_evidence(run=a_run(submitter="svc-train")), people=people(a_person("dana.two", "Dana Osei")))
    assert found.persons == {
        "Dana Osei": (Answerable("dana.submitter", ()), Answerable("dana.two", ())),
        "svc-train": (Answerable("svc-train", ("dana.submitter",)),),
    }
    assert seen(passing_evidence(version=a_model_version(registrant=None), run=None)).persons == {}


def test_the_instant_and_the_targets_given_up_are_kept() -> None:
    later = NOW + timedelta(hours=1)
    found = seen(at=later, given_up=frozenset({"contoso-shared", "contoso-eu"}))
    assert (found.at, found.given_up) == (later, ("contoso-eu", "contoso-shared"))


def test_files_are_left_to_the_facts_that_hold_them_anyway() -> None:
    assert seen().evidence.version.artifacts is None


# ------------------------------------------------------------------------------------------------ what was looked up


def test_what_was_looked_up_is_told_whatever_came_of_it() -> None:
    assert seen(passing_evidence(run=None)).readings == (
        "champion of line:contoso-shared:fraud-detector",
        "champion's data set",
        "champion's metric auc",
        "job train-7",
        "run evaluate-7",
    )


def test_a_policy_that_looks_nothing_up_says_so() -> None:
    nothing = a_policy(job_status=None, evidence=None)
    assert readings(nothing, a_promotion(), a_model_version()) == frozenset()
    alone = an_evidence_rule(same_dataset_as_champion=False, metrics={"auc": MetricRule()}, run_or_job=False)
    unnamed = a_model_version(tags={}, job=None)
    assert readings(a_policy(evidence=alone), a_promotion(), unnamed) == frozenset()


def test_all_values_of_a_metric_are_looked_up_only_where_they_are_asked_for() -> None:
    best = an_evidence_rule(same_dataset_as_champion=False, metrics={"auc": MetricRule(use="best")})
    found = readings(a_policy(evidence=best, job_status=None), a_promotion(), a_model_version())
    assert found == {"run evaluate-7", "all values of auc"}


def test_what_only_gates_that_are_off_would_look_up_is_not_looked_up() -> None:
    best = {"auc": MetricRule(use="best", no_worse_than_champion_by=Decimal(0))}
    policy = a_policy(evidence=an_evidence_rule(metrics=best), job_status=None)
    off = replace(policy, modes={"metric:*": "off", "evidence:same_dataset": "off"})
    assert readings(off, a_promotion(), a_model_version()) == {"run evaluate-7"}
    shadow = replace(policy, modes={"metric:*": "shadow", "evidence:same_dataset": "shadow"})
    assert readings(shadow, a_promotion(), a_model_version()) == readings(policy, a_promotion(), a_model_version())


def test_a_rule_looks_up_what_it_reads_whatever_gates_are_off() -> None:
    best = an_evidence_rule(metrics={"auc": MetricRule(use="best")}, same_dataset_as_champion=False)
    rules = (a_rule("metrics.auc > champion.metrics.auc"),)
    policy = a_policy(evidence=best, rules=rules, modes={"metric:*": "off"}, job_status=None)
    assert readings(policy, a_promotion(), a_model_version()) == {
        "run evaluate-7",
        "all values of auc",
        "champion's metric auc",
        "champion of line:contoso-shared:fraud-detector",
    }


def test_a_champion_that_no_target_leads_to_is_not_looked_up() -> None:
    nowhere = a_policy(targets=(TargetRule("contoso-shared", "{name}-" + "x" * 250),))
    assert not any(reading.startswith("champion of") for reading in readings(nowhere, a_promotion(), a_model_version()))


# ------------------------------------------------------------------------------------------------ bounds


@pytest.mark.parametrize("many", [MOST_ENTRIES + 1, 10_000])
def test_too_many_tags_and_metrics_are_cut_and_said(many: int) -> None:
    crowd = {f"n{number:05}": "1" for number in range(many)}
    found = seen(passing_evidence(version=a_model_version(tags=crowd), run=a_run(metrics=crowd)))
    assert len(found.evidence.version.tags) == MOST_ENTRIES
    assert found.left_out == dict.fromkeys(("version.tags", "run.metrics"), many - MOST_ENTRIES)


def test_too_many_values_of_a_metric_are_cut_and_said() -> None:
    found = seen(replace(passing_evidence(), series={"auc": Series(("0.9",) * (MOST_ITEMS + 3))}))
    assert len(found.evidence.series["auc"].values) == MOST_ITEMS
    assert found.left_out == {"series.auc.values": 3}


def test_what_gates_look_at_is_kept_before_the_rest() -> None:
    crowd = {f"a{number:05}": "1" for number in range(MOST_ENTRIES)}
    rule = an_evidence_rule(
        results=ResultsRule("results.json", "clearance"),
        metrics={"auc": MetricRule(use="best"), "kappa": MetricRule(from_results=True), "none": MetricRule()},
    )
    found = Results(Source("results", "evaluate-7", path="results.json"), {**crowd, "auc": "1", "kappa": "1"})
    run = a_run(metrics={**crowd, "auc": "1", "kappa": "1"})
    kept = seen(replace(passing_evidence(run=run), results=found), policy=a_policy(evidence=rule))
    assert kept.evidence.run is not None
    assert kept.evidence.results is not None
    assert kept.evidence.run.metrics.keys() - crowd.keys() == {"auc"}
    assert kept.evidence.results.metrics.keys() - crowd.keys() == {"kappa"}
    assert kept.left_out == {"run.metrics": 2, "results.metrics": 2}


def test_exactly_as_many_as_are_kept_are_kept() -> None:
    crowd = {f"n{number:05}": "x" * LONGEST_TEXT for number in range(MOST_ENTRIES)}
    found = seen(passing_evidence(version=a_model_version(tags=crowd)))
    assert (found.evidence.version.tags, found.left_out) == (crowd, {})


@pytest.mark.parametrize("text", ["x" * (LONGEST_TEXT + 1), "half \ud800 of a pair"])
def test_a_text_that_is_too_long_or_no_text_is_left_out(text: str) -> None:
    version = a_model_version(tags={"good": "x", "bad": text, text: "x"}, registrant=text, flavors=("a", text))
    found = seen(passing_evidence(version=version))
    assert found.evidence.version.tags == {"good": "x"}
    assert found.evidence.version.flavors == ("a",)
    assert found.left_out == {"version.tags": 2, "version.registrant": 1, "version.flavors": 1}


TEXTS = st.one_of(st.text(max_size=20), st.just("\ud800"), st.just("x" * 5000))


@given(st.dictionaries(TEXTS, TEXTS, max_size=5), TEXTS, TEXTS)
def test_whatever_was_read_can_be_written_to_a_history(found: dict[str, str], text: str, run: str) -> None:
    version = a_model_version(tags={**found, "evaluation_run": run}, properties=found, job=text, registrant=text)
    evidence = passing_evidence(version=version, run=replace(a_run(), id=run, metrics=found, submitter=text))
    assert len(canonical(plain(seen(evidence)))) < 100_000


def test_only_roles_that_can_be_excluded_are_looked_up_whatever_the_policy_excludes() -> None:
    found = seen(policy=a_policy(approval=an_approval_rule(exclude=())))
    assert set(found.persons) == {"Dana Osei", "dana.submitter@contoso.com"}


def test_a_file_read_as_something_else_is_another_reading() -> None:
    def read_as(form: str) -> frozenset[str]:
        rule = an_evidence_rule(
            results=ResultsRule("results.json", form),
            documents=(DocumentRule("modelscan", "m.json"),),
            code_version=True,
        )
        return readings(a_policy(evidence=rule), a_promotion(), a_model_version())

    assert read_as("clearance") >= {"file results.json as clearance", "file m.json as modelscan", "code version"}
    assert read_as("mlflow_evaluate") != read_as("clearance")
