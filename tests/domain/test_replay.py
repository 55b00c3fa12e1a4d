"""What a recorded evaluation saw is judged by another policy as it would have been then, or not at all."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.backtest import Backtest
from shared.domain.evaluation import Evaluation, Outcome
from shared.domain.events import EvaluationCompleted
from shared.domain.evidence import Evidence, Results, Series, Source
from shared.domain.people import People
from shared.domain.policy import ExceptionRule, MetricRule, Policy, ResultsRule, TagRule, TargetRule
from shared.domain.replay import NotRecorded, Partial, Replay, judged_anew, replay
from shared.domain.seen import see
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
    gate_of,
    passing_evidence,
    people,
    tags,
)

DAY = timedelta(days=1)


def recorded(evidence: Evidence | None = None, policy: Policy | None = None, **changes: Any) -> EvaluationCompleted:
    """An evaluation as it stands in a history; any argument of `evaluate` may be overridden."""
    evidence, policy = evidence or passing_evidence(), policy or a_policy()
    given: dict[str, Any] = {"people": people(), "given_up": frozenset(), "now": NOW, **changes}
    evaluation = an_evaluation(policy=policy, evidence=evidence, **given)
    seen = see(
        policy,
        promotion=a_promotion(),
        evidence=evidence,
        people=given["people"],
        given_up=given["given_up"],
        at=given["now"],
    )
    return EvaluationCompleted(1, evaluation, seen)


def replayed(completed: EvaluationCompleted, **changes: Any) -> Replay:
    """The same under the usual policy with these changes."""
    return replay([a_policy(**changes)], completed, NOW)


def stricter(least: str, **changes: Any) -> Any:
    return an_evidence_rule(metrics={"auc": MetricRule(min=Decimal(least))}, same_dataset_as_champion=False, **changes)


# ------------------------------------------------------------------------------------------------ the same policy

METRICS = st.dictionaries(
    st.sampled_from(["auc", "fairness_gap", "loss"]), st.sampled_from(["0.9", "0.02", "NaN", "x"])
)
NAMES = st.sampled_from(["Dana Osei", "svc-train", "nobody", None])


@given(
    metrics=METRICS,
    stated=st.dictionaries(st.sampled_from(["owner", "scope", "note", "evaluation_run"]), st.text(max_size=8)),
    names=st.tuples(NAMES, NAMES),
    age=st.integers(0, 60),
    champion=st.sampled_from([None, a_champion(), a_champion(metrics={}, dataset=None)]),
    given_up=st.sampled_from([frozenset[str](), frozenset({"contoso-eu"})]),
    twins=st.booleans(),
)
def test_the_same_policy_comes_out_the_same_to_the_digest(
    metrics: dict[str, str], stated: dict[str, str], names: tuple[str | None, str | None], age: int, champion: Any,
    given_up: frozenset[str], twins: bool,
) -> None:  # fmt: skip
    version = a_model_version(registrant=names[0], tags=tags(**stated))
    run = a_run(metrics=metrics, submitter=names[1], ended_at=NOW - age * DAY)
    directory = people(*[a_person("dana.two", "Dana Osei")] if twins else [])
    completed = recorded(
        passing_evidence(version=version, run=run), champion=champion, given_up=given_up, people=directory
    )
    again = judged_anew([a_policy()], completed)
    assert isinstance(again, Evaluation)
    assert again.digest == completed.evaluation.digest


def test_nothing_flips_under_the_same_policy() -> None:
    found = replayed(recorded())
    assert (found.was, found.would_be, found.through, found.flips) == ("passed", "passed", (), False)
    assert (found.promotion, found.round, found.at) == ("risk-dev:fraud-detector:7", 1, NOW)


# ------------------------------------------------------------------------------------------------ flips


def test_a_stricter_threshold_holds_a_version_back_and_says_why() -> None:
    found = replayed(recorded(), evidence=stricter("0.95"))
    assert found.flips
    assert (found.was, found.would_be) == ("passed", "failed")
    (gate,) = found.through
    assert (gate.gate, gate.was, gate.would_be) == ("metric:auc", "passed", "failed")
    assert gate.sentence == "metric:auc failed: auc is 0.94, below the least allowed, 0.95."


def test_a_metric_that_no_gate_named_then_is_judged_too() -> None:
    run = a_run(metrics={"auc": "0.94", "fairness_gap": "0.02", "log_loss": "0.4"})
    loss = an_evidence_rule(metrics={"log_loss": MetricRule(max=Decimal("0.3"))})
    found = replayed(recorded(passing_evidence(run=run)), evidence=loss)
    assert [(gate.gate, gate.was) for gate in found.through] == [("metric:log_loss", "not asked")]


def test_what_held_a_version_back_and_no_longer_does_is_named() -> None:
    weak = passing_evidence(
        version=a_model_version(tags=tags(owner=None)), run=a_run(metrics={"auc": "0.85", "fairness_gap": "0.02"})
    )
    loose = a_policy(tags={}, evidence=stricter("0.8"))
    found = replay([loose], recorded(weak), NOW)
    assert found.flips
    assert [(gate.gate, gate.was, gate.would_be) for gate in found.through] == [
        ("metric:auc", "failed", "passed"),
        ("tag:owner", "unproven", "not asked"),
    ]
    assert found.through[1].sentence == "tag:owner is not asked."


def test_a_gate_moved_to_the_shadow_lets_pass_and_says_so() -> None:
    weak = passing_evidence(run=a_run(metrics={"auc": "0.85", "fairness_gap": "0.02"}))
    found = replayed(recorded(weak), modes={"metric:*": "shadow"})
    assert found.would_be == Outcome.PASSED
    assert "(shadow: would have blocked)" in found.through[0].sentence


def test_held_back_for_another_reason_is_no_flip() -> None:
    late = passing_evidence(version=a_model_version(tags=tags(owner=None)))
    found = replayed(recorded(late), tags={"classification": TagRule(one_of=("secret",))})
    assert (found.was, found.would_be, found.flips) == ("unproven", "failed", False)


@pytest.mark.parametrize(
    ("changes", "standing"),
    [({"models": ("other-*",)}, "no_policy"), ({"mode": "off"}, "policy_off"), ({"opt_in_tag": "govern"}, "not_opted_in")],
)  # fmt: skip
def test_a_version_that_nothing_would_govern_any_more_flips_too(changes: dict[str, Any], standing: str) -> None:
    found = replayed(recorded(), **changes)
    assert (found.would_be, found.flips) == (standing, True)
    assert found.through[0].gate == "policy"
    blocked = replayed(recorded(passing_evidence(run=None)), **changes)
    assert (blocked.flips, blocked.through) == (False, ())


# ------------------------------------------------------------------------------------------------ as it was then


def test_age_is_judged_by_the_instant_of_the_evaluation() -> None:
    old = passing_evidence(run=a_run(ended_at=NOW - 20 * DAY))
    later = recorded(old, now=NOW + 5 * DAY)
    assert replayed(later).would_be == "passed"
    younger = stricter("0.9", max_age=10 * DAY)
    assert replayed(later, evidence=younger).would_be == "unproven"
    assert replayed(recorded(old), evidence=stricter("0.9", max_age=25 * DAY)).would_be == "passed"


def test_an_exception_that_had_ended_by_then_lets_nothing_through() -> None:
    weak = recorded(passing_evidence(run=a_run(metrics={"auc": "0.89", "fairness_gap": "0.02"})))
    for until, would_be in ((date(2026, 2, 28), "failed"), (date(2026, 3, 1), "passed")):
        rule = ExceptionRule("metric:auc", ("fraud-*",), "rosa.risk@contoso.com", "new labels", until)
        assert replayed(weak, exceptions=(rule,)).would_be == would_be


def test_whom_a_name_fitted_then_counts_whoever_is_in_the_directory_now() -> None:
    unknown = recorded(people=People((), "0" * 64))
    assert unknown.evaluation.outcome is Outcome.UNPROVEN
    assert replayed(unknown).would_be == "unproven"
    spelled = passing_evidence(version=a_model_version(registrant="svc-train"), run=a_run(submitter="Dana Osei"))
    again = judged_anew([a_policy()], recorded(spelled))
    assert isinstance(again, Evaluation)
    assert again.rules.excluded == ("dana.submitter", "svc-train")


def test_the_files_are_those_of_the_facts() -> None:
    again = judged_anew([a_policy()], recorded())
    assert isinstance(again, Evaluation)
    assert again.facts == recorded().evaluation.facts


def test_the_sha256_of_the_run_is_that_of_then_even_where_its_metrics_were_cut() -> None:
    cut = replace(passing_evidence(run=a_run(metrics={**a_run().metrics, **crowd("a")})), run_sha256="5" * 64)
    again = judged_anew([a_policy()], recorded(cut))
    assert isinstance(again, Evaluation)
    assert [source.sha256 for source in again.facts.sources] == ["5" * 64]


# ------------------------------------------------------------------------------------------------ undecidable


def undecidable(completed: EvaluationCompleted, **changes: Any) -> str:
    found = replayed(completed, **changes)
    assert (found.would_be, found.undecidable, found.flips, found.through) == ("undecidable", True, False, ())
    return found.why


def test_an_evaluation_that_kept_no_evidence_is_undecidable() -> None:
    assert "did not keep its evidence" in undecidable(replace(recorded(), seen=None))


def test_a_run_that_was_never_read_is_not_taken_for_missing() -> None:
    bare = recorded(policy=a_policy(evidence=None, job_status=None))
    assert undecidable(bare).startswith(
        "Not looked up then: champion of line:contoso-shared:fraud-detector, champion's"
    )
    named = passing_evidence(version=a_model_version(tags=tags(other_run="evaluate-8")))
    assert undecidable(recorded(named), evidence=stricter("0.9", run_tag="other_run")) == (
        "Not looked up then: run evaluate-8."
    )


def test_another_line_s_champion_is_not_known() -> None:
    assert "champion of line:contoso-eu" in undecidable(recorded(), targets=(TargetRule("contoso-eu"),))


def test_values_that_were_not_read_have_no_best() -> None:
    best = an_evidence_rule(metrics={"auc": MetricRule(min=Decimal("0.9"), use="best")})
    assert undecidable(recorded(), evidence=best) == "Not looked up then: all values of auc."


def test_values_that_no_gate_asked_for_were_not_read() -> None:
    """The policy took the best value, and its gates were off: nobody read all values then."""
    best = an_evidence_rule(metrics={"auc": MetricRule(min=Decimal("0.9"), use="best")}, same_dataset_as_champion=False)
    silent = recorded(policy=a_policy(evidence=best, modes={"metric:*": "off"}))
    assert undecidable(silent, evidence=best) == "Not looked up then: all values of auc."


def test_a_champion_that_no_gate_was_compared_with_then_is_not_one_without_values() -> None:
    """Its evaluation held neither the metric nor the data set, since the gates on both were off."""
    bare = a_champion(metrics={}, dataset=None)
    off = a_policy(modes={"metric:*": "off", "evidence:same_dataset": "off"})
    silent = recorded(policy=off, champion=bare)
    assert "champion's data set, champion's metric auc" in undecidable(silent)


def crowd(prefix: str) -> dict[str, str]:
    return {f"{prefix}{number:04}": "x" for number in range(300)}


def test_what_was_cut_answers_only_what_was_kept() -> None:
    """`owner` sorts behind the crowd, and stands in the facts because a gate named it."""
    metrics = {"auc": "0.94", "fairness_gap": "0.02", **crowd("a")}
    cut = recorded(passing_evidence(run=a_run(metrics=metrics)))
    assert cut.seen is not None
    assert cut.seen.left_out == {"run.metrics": 46}
    assert replayed(cut).would_be == "passed"
    kept = an_evidence_rule(metrics={"a0001": MetricRule(min=Decimal(1))})
    assert replayed(cut, evidence=kept).would_be == "unproven"
    lost = an_evidence_rule(metrics={"zeal": MetricRule(min=Decimal(1))})
    assert undecidable(cut, evidence=lost) == "Its evidence was cut: run.metrics does not tell zeal."


TAKEN = an_evidence_rule(
    same_dataset_as_champion=False,
    results=ResultsRule("results.json", "clearance"),
    metrics={
        "auc": MetricRule(min=Decimal("0.9"), use="best"),
        "gap": MetricRule(min=Decimal("0.9"), use="mean"),
        "kappa": MetricRule(min=Decimal("0.9"), from_results=True),
    },
)


def taken(best: str = "0.97", mean: str = "0.97", results: str = "0.97") -> EvaluationCompleted:
    """An evaluation by `TAKEN` of a run and results with more metrics than are kept; the run's last values are 0.5."""
    run = a_run(metrics={"auc": "0.5", "gap": "0.5", **crowd("a"), **crowd("z")})
    found = Results(Source("results", "evaluate-7", path="results.json"), {**crowd("a"), "kappa": results})
    series = {"auc": Series((best, "0.5")), "gap": Series((mean,))}
    return recorded(replace(passing_evidence(run=run), series=series, results=found), a_policy(evidence=TAKEN))


@pytest.mark.parametrize("name", ["auc", "gap"])
def test_a_best_value_or_a_mean_is_never_told_as_the_last_one(name: str) -> None:
    last = an_evidence_rule(metrics={name: MetricRule(min=Decimal("0.9"))}, same_dataset_as_champion=False)
    assert replayed(taken(), evidence=last).would_be == "failed"


def test_a_value_of_the_results_is_never_told_as_the_run_s() -> None:
    last = an_evidence_rule(metrics={"kappa": MetricRule(min=Decimal("0.9"))}, same_dataset_as_champion=False)
    assert undecidable(taken(), evidence=last) == ("Its evidence was cut: run.metrics does not tell kappa.")


@pytest.mark.parametrize(("values", "would_be"), [(("0.97",) * 3, "passed"), (("0.97", "0.97", "0.8"), "failed")])
def test_what_gates_took_of_a_run_with_many_metrics_is_judged_as_it_was_then(
    values: tuple[str, str, str], would_be: str
) -> None:
    completed = taken(*values)
    assert completed.evaluation.outcome == would_be
    assert replayed(completed, evidence=replace(TAKEN, max_age=20 * DAY)).would_be == would_be


def test_who_asks_for_all_of_what_was_cut_is_told_that_nobody_knows() -> None:
    """The gate on reserved tags looks at every tag there is."""
    cut = recorded(passing_evidence(version=a_model_version(tags={**tags(), **crowd("a")})))
    assert undecidable(cut) == "Its evidence was cut: version.tags does not tell all of them."


@pytest.mark.parametrize("ask", [list, dict], ids=lambda ask: ask.__name__)
def test_a_cut_map_does_not_tell_all_of_it(ask: Any) -> None:
    with pytest.raises(NotRecorded, match=r"run\.metrics does not tell all of them"):
        ask(Partial("run.metrics", {"auc": "0.9"}, 300))


def test_a_cut_map_tells_how_many_there_were() -> None:
    evidence = replace(passing_evidence(), results=Results(Source("results", "evaluate-7", path="r"), crowd("a")))
    policy = a_policy(evidence=an_evidence_rule(results=ResultsRule("r", "clearance"), same_dataset_as_champion=False))
    again = judged_anew([policy], recorded(evidence, policy))
    assert isinstance(again, Evaluation)
    assert gate_of(again, "evidence:results").explanation == "The file r holds 300 metrics."


def test_a_text_or_a_list_that_was_cut_leaves_nothing_to_judge() -> None:
    long = recorded(passing_evidence(version=a_model_version(registrant="x" * 5000)))
    assert "version.registrant was too much" in undecidable(long)
    many = recorded(replace(passing_evidence(), series={"auc": Series(("0.9",) * 3000)}))
    assert "series.auc.values was too much" in undecidable(many)


# ------------------------------------------------------------------------------------------------ many of them


def test_everything_is_counted_and_only_so_many_are_named() -> None:
    approval = an_approval_rule()
    weak = recorded(passing_evidence(run=a_run(metrics={"auc": "0.85", "fairness_gap": "0.02"})))
    proposed = [a_policy(evidence=stricter("0.95"), approval=approval)]
    loose = [a_policy(evidence=stricter("0.8"))]
    replays = [replay(proposed, recorded(), NOW)] * 5 + [replay(loose, weak, NOW)] * 2
    replays += [replay(proposed, weak, NOW)] + [replay(proposed, replace(weak, seen=None), NOW)] * 4
    found = Backtest(most=3).add(replays)
    assert (found.evaluations, found.would_be_held_back, found.would_pass) == (12, 5, 2)
    assert (found.same, found.undecidable) == (1, 4)
    assert found.gates == {"metric:auc": 7}
    assert (len(found.flips), len(found.undecided)) == (3, 3)
