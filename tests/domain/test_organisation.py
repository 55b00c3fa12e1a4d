"""What an organisation asks for is in force in every policy: whatever a policy says, it is never looser than that."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.document_gates import version_numbers
from shared.domain.evaluation import Outcome
from shared.domain.evidence_floor import DocumentFloor, EvidenceFloor, lacks, unheld
from shared.domain.gate_exceptions import exception_for
from shared.domain.organisation import ApprovalFloor, Organisation, loosenings, tightened
from shared.domain.policy import DocumentRule, ExceptionRule, MetricRule, Mode, Policy, ResultsRule, TagRule, TargetRule
from shared.domain.scan_reports import SEVERITIES
from tests.domain.evidence_makers import (
    NOW,
    a_champion,
    a_policy,
    a_rule,
    a_run,
    an_approval_rule,
    an_evaluation,
    an_evidence_rule,
    passing_evidence,
)

MODES = get_args(Mode)
tenths = st.integers(0, 10).map(lambda number: Decimal(number) / 10)
maybe = st.none() | tenths
days = st.none() | st.integers(1, 20).map(lambda number: timedelta(days=number))
metric_rules = st.builds(
    MetricRule,
    min=maybe,
    max=maybe,
    no_worse_than_champion_by=maybe,
    use=st.sampled_from(["last", "best", "mean"]),
    better=st.sampled_from([None, "higher", "lower"]),
    from_results=st.booleans(),
)
some_metrics = st.dictionaries(st.sampled_from(["auc", "fairness_gap"]), metric_rules, max_size=2)
some_tags = st.dictionaries(
    st.sampled_from(["owner", "plant"]), st.builds(TagRule, one_of=st.tuples(st.sampled_from(["a", "b"]))), max_size=2
)
some_groups = st.lists(st.sampled_from(["ml-approvers", "risk-officers"]), unique=True).map(tuple)
roles = st.lists(st.sampled_from(["registrant", "run_submitter", "job_submitter"]), unique=True).map(tuple)
gates = st.sampled_from(["tag:owner", "tag:*", "metric:auc", "metric:auc:champion", "release_record", "lineage:job"])
some_modes = st.dictionaries(gates, st.sampled_from(MODES), max_size=3)
some_exceptions = st.lists(
    st.builds(
        ExceptionRule,
        gate=gates,
        models=st.sampled_from([("fraud-*",), ("other",)]),
        owner=st.just("dana"),
        reason=st.just("CHG-1"),
        until=st.just(date(2026, 12, 31)),
    ),
    max_size=2,
).map(tuple)
some_rules = st.lists(
    st.builds(a_rule, st.sampled_from(["true", "false"]), name=st.sampled_from(["one", "two"])),
    max_size=2,
    unique_by=lambda rule: rule.name,
).map(tuple)
kinds = st.sampled_from(["modelscan", "picklescan", "model_signing"])
severities = st.sampled_from(["none", *SEVERITIES])
versions = st.sampled_from([None, "0.8", "0.8.0", "0.10", "1"])
bindings = st.sampled_from(["content", "names"])
some_documents = st.lists(
    st.builds(DocumentRule, kinds, st.just("x.json"), days, versions, severities, bindings), max_size=2,
    unique_by=lambda asked: asked.kind,
).map(tuple)  # fmt: skip
document_floors = st.lists(
    st.builds(DocumentFloor, kinds, days, versions, severities, bindings),
    max_size=2,
    unique_by=lambda asked: asked.kind,
).map(tuple)
policies = st.builds(
    replace,
    st.just(a_policy()),
    tags=some_tags,
    release_record=st.sampled_from([(), ("owner",)]),
    job_required=st.booleans(),
    job_status=st.sampled_from([None, "Completed", "Failed"]),
    evidence=st.none()
    | st.builds(
        replace,
        st.just(an_evidence_rule()),
        max_age=days,
        same_dataset_as_champion=st.booleans(),
        run_names_version=st.booleans(),
        metrics=some_metrics,
        documents=some_documents,
        code_version=st.booleans(),
        results=st.sampled_from([None, ResultsRule("results.json", "clearance")]),
    ),
    approval=st.builds(
        replace,
        st.just(an_approval_rule()),
        quorum=st.integers(1, 4),
        rejections=st.integers(1, 4),
        groups=some_groups,
        required_groups=some_groups,
        exclude=roles,
        expires_after=st.integers(1, 20).map(lambda number: timedelta(days=number)),
    ),
    targets=st.lists(st.sampled_from([TargetRule("shared"), TargetRule("eu")]), unique=True).map(tuple),
    mode=st.sampled_from(MODES),
    modes=some_modes,
    exceptions=some_exceptions,
    rules=some_rules,
)
organisations = st.builds(
    Organisation,
    name=st.just("contoso"),
    tags=some_tags,
    release_record=st.sampled_from([(), ("scope",)]),
    reserved_tags=st.sampled_from([(), ("approved_by",)]),
    job_required=st.booleans(),
    job_status=st.sampled_from([None, "Completed"]),
    evidence=st.builds(
        EvidenceFloor,
        required=st.sampled_from([None, True, False]),
        run_names_version=st.booleans(),
        max_age=days,
        same_dataset_as_champion=st.booleans(),
        metrics=some_metrics,
        metric_required=st.dictionaries(st.sampled_from(["auc", "fairness_gap"]), st.booleans()),
        results=st.booleans(),
        code_version=st.booleans(),
        documents=document_floors,
    ),
    approval=st.builds(
        ApprovalFloor,
        quorum=st.none() | st.integers(1, 4),
        rejections=st.none() | st.integers(1, 4),
        required_groups=some_groups,
        exclude=roles,
        expires_after=days,
    ),
    registries=st.none() | st.just(("shared",)),
    mode=st.sampled_from(MODES),
    modes=some_modes,
    exceptions=some_exceptions,
    rules=some_rules,
)


def at_least(value: Any, floor: Any) -> bool:
    return floor is None or (value is not None and value >= floor)


def at_most(value: Any, ceiling: Any) -> bool:
    return ceiling is None or (value is not None and value <= ceiling)


@given(policies, organisations)
def test_a_tightened_policy_is_never_looser_than_the_floor(policy: Policy, organisation: Organisation) -> None:
    tight, floor = tightened(policy, organisation), organisation.approval
    assert at_least(tight.approval.quorum, floor.quorum)
    assert at_most(tight.approval.rejections, floor.rejections)
    assert at_most(tight.approval.expires_after, floor.expires_after)
    assert set(floor.required_groups) <= set(tight.approval.required_groups)
    assert set(tight.approval.required_groups) <= {*tight.approval.groups, *policy.approval.required_groups}
    assert set(organisation.release_record) <= set(tight.release_record)
    assert set(organisation.reserved_tags) <= set(tight.reserved_tags)
    assert set(organisation.rules) <= set(tight.rules)
    assert len({rule.name for rule in tight.rules}) == len(tight.rules)
    assert organisation.tags.items() <= tight.tags.items()
    assert tight.job_required >= organisation.job_required
    assert organisation.job_status in (None, tight.job_status)
    assert all(organisation.registries is None or t.registry in organisation.registries for t in tight.targets)
    for gate, _ in organisation.gates(policy):
        least = a_policy(mode=organisation.mode, modes=organisation.modes).mode_of(gate)
        assert MODES.index(tight.mode_of(gate)) >= MODES.index(least)
        assert all(rule in organisation.exceptions for rule in tight.exceptions if rule.gate == gate)
    if tight.evidence is not None:
        assert set(floor.exclude) <= set(tight.approval.exclude)


@given(policies, organisations)
def test_tightened_evidence_is_never_looser_than_the_floor(policy: Policy, organisation: Organisation) -> None:
    evidence, floor = tightened(policy, organisation).evidence, organisation.evidence
    if evidence is None:
        return
    assert at_most(evidence.max_age, floor.max_age)
    assert evidence.same_dataset_as_champion >= floor.same_dataset_as_champion
    assert evidence.run_names_version >= floor.run_names_version
    assert evidence.code_version >= floor.code_version
    assert {name for name in floor.metrics if floor.metric_required.get(name)} <= set(evidence.metrics)
    for name in floor.metrics.keys() & evidence.metrics.keys():
        metric, asked = evidence.metrics[name], floor.metrics[name]
        assert at_least(metric.min, asked.min)
        assert at_most(metric.max, asked.max)
        assert at_most(metric.no_worse_than_champion_by, asked.no_worse_than_champion_by)
        assert metric.use == asked.use
        assert metric.from_results >= asked.from_results
        compares = asked.no_worse_than_champion_by is not None or asked.use == "best"
        assert not compares or metric.lower_is_better == asked.lower_is_better
    floors = {asked.kind: asked for asked in floor.documents}
    for document in evidence.documents:
        if least := floors.get(document.kind):
            assert at_most(document.max_age, least.max_age)
            assert version_numbers(document.min_version or "0") >= version_numbers(least.min_version or "0")
            assert document.allow == "none" or least.allow != "none"
            assert document.binding == "content" or least.binding == "names"


@given(policies, organisations)
def test_a_tightened_policy_is_never_looser_than_the_policy(policy: Policy, organisation: Organisation) -> None:
    tight = tightened(policy, organisation)
    assert tight.approval.quorum >= policy.approval.quorum
    assert tight.approval.expires_after <= policy.approval.expires_after
    assert set(policy.approval.required_groups) <= set(tight.approval.required_groups)
    assert set(policy.approval.exclude) <= set(tight.approval.exclude)
    assert policy.tags.keys() <= tight.tags.keys()
    assert set(tight.targets) <= set(policy.targets)
    assert all(MODES.index(tight.modes[gate]) >= MODES.index(mode) for gate, mode in policy.modes.items())
    for name, rule in policy.evidence.metrics.items() if policy.evidence else ():
        assert tight.evidence is not None
        assert at_least(tight.evidence.metrics[name].min, rule.min)
        assert at_most(tight.evidence.metrics[name].max, rule.max)
    for asked, document in zip(
        *(each.evidence.documents if each.evidence else () for each in (policy, tight)), strict=True
    ):
        assert (document.kind, document.path) == (asked.kind, asked.path)
        assert at_most(document.max_age, asked.max_age)
        assert document.allow == "none" or asked.allow != "none"


@given(policies, organisations)
def test_tightening_twice_changes_nothing_more(policy: Policy, organisation: Organisation) -> None:
    once = tightened(policy, organisation)
    assert replace(tightened(once, organisation), exceptions=()) == replace(once, exceptions=())


@given(policies, organisations)
def test_where_nothing_is_looser_only_what_was_left_out_is_added(policy: Policy, organisation: Organisation) -> None:
    tight = tightened(policy, organisation)
    if not loosenings(policy, organisation):
        assert (tight.approval.quorum, tight.approval.groups) == (policy.approval.quorum, policy.approval.groups)
        assert tight.targets == policy.targets
        assert policy.tags.items() <= tight.tags.items()
        assert policy.modes.items() <= tight.modes.items()


@given(policies)
def test_an_organisation_that_asks_for_nothing_changes_nothing(policy: Policy) -> None:
    assert tightened(policy, Organisation("")) == policy
    assert loosenings(policy, Organisation("")) == ()


@given(tenths, tenths, tenths, tenths)
def test_what_passes_the_tightened_policy_passes_both(
    value: Decimal, held: Decimal, ours: Decimal, floor: Decimal
) -> None:
    def outcome(rule: MetricRule) -> Outcome:
        policy = a_policy(evidence=an_evidence_rule(metrics={"auc": rule}))
        evidence = passing_evidence(run=a_run(metrics={"auc": str(value)}))
        return an_evaluation(policy=policy, evidence=evidence, champion=a_champion(metrics={"auc": str(held)})).outcome

    mine = MetricRule(min=ours, no_worse_than_champion_by=floor / 10)
    theirs = MetricRule(min=floor, no_worse_than_champion_by=ours / 10)
    policy = a_policy(evidence=an_evidence_rule(metrics={"auc": mine}))
    tight = tightened(policy, judging(auc=theirs))
    assert tight.evidence is not None
    if outcome(tight.evidence.metrics["auc"]) is Outcome.PASSED:
        assert outcome(mine) is Outcome.PASSED
        assert outcome(theirs) is Outcome.PASSED


def judging(**floors: MetricRule) -> Organisation:
    return Organisation("contoso", evidence=EvidenceFloor(metrics=floors))


def scanned(**changes: Any) -> Policy:
    asked = replace(DocumentRule("modelscan", "m.json", timedelta(days=9), "0.7", "low", "names"), **changes)
    signed = DocumentRule("model_signing", "s.json")
    return a_policy(evidence=an_evidence_rule(documents=(signed, asked)))


def auc(**changes: Any) -> Policy:
    return a_policy(evidence=an_evidence_rule(metrics={"auc": MetricRule(**changes)}))


@pytest.mark.parametrize(
    ("policy", "asks", "told"),
    [
        (a_policy(), {"tags": {"owner": TagRule(one_of=("a",))}}, (("tags", "owner"), "pattern [^@]+@contoso\\.com", "one of [a]")),
        (a_policy(), {"tags": {"owner": TagRule(type="date_range")}}, (("tags", "owner"), "pattern [^@]+@contoso\\.com", "date_range")),
        (a_policy(job_required=False), {"job_required": True}, (("lineage", "job_required"), "false", "true")),
        (a_policy(job_status="Failed"), {"job_status": "Completed"}, (("lineage", "job_status"), "Failed", "Completed")),
        (a_policy(), {"evidence": EvidenceFloor(max_age=timedelta(hours=36))}, (("evidence", "max_age"), "30d", "36h")),
        (a_policy(), {"evidence": EvidenceFloor(max_age=timedelta(minutes=90))}, (("evidence", "max_age"), "30d", "90m")),
        (a_policy(evidence=an_evidence_rule(same_dataset_as_champion=False)), {"evidence": EvidenceFloor(same_dataset_as_champion=True)},
         (("evidence", "same_dataset_as_champion"), "false", "true")),
        (auc(min=Decimal("0.8")), {"evidence": EvidenceFloor(metrics={"auc": MetricRule(min=Decimal("0.85"))})},
         (("evidence", "metrics", "auc", "min"), "0.8", "0.85")),
        (auc(max=Decimal("0.8")), {"evidence": EvidenceFloor(metrics={"auc": MetricRule(max=Decimal("0.7"))})},
         (("evidence", "metrics", "auc", "max"), "0.8", "0.7")),
        (auc(min=Decimal(0), use="best"), {"evidence": EvidenceFloor(metrics={"auc": MetricRule(min=Decimal(0))})},
         (("evidence", "metrics", "auc", "use"), "best", "last")),
        (auc(max=Decimal(1), no_worse_than_champion_by=Decimal(0)),
         {"evidence": EvidenceFloor(metrics={"auc": MetricRule(max=Decimal(1), no_worse_than_champion_by=Decimal(1), better="higher")})},
         (("evidence", "metrics", "auc", "no_worse_than_champion_by"), "0 with lower values better", "0 with higher values better")),
        (auc(max=Decimal("0.8")), {"evidence": EvidenceFloor(metrics={"auc": MetricRule(min=Decimal("0.9"))})},
         (("evidence", "metrics", "auc", "max"), "0.8", "at least 0.9")),
        (auc(min=Decimal("0.8")), {"evidence": EvidenceFloor(metrics={"auc": MetricRule(max=Decimal("0.7"))})},
         (("evidence", "metrics", "auc", "min"), "0.8", "at most 0.7")),
        (scanned(), {"evidence": EvidenceFloor(documents=(DocumentFloor("modelscan", timedelta(days=1), "0.7", "low", "names"),))},
         (("evidence", "documents", 1, "max_age"), "9d", "1d")),
        (scanned(), {"evidence": EvidenceFloor(documents=(DocumentFloor("modelscan", None, "0.10", "low", "names"),))},
         (("evidence", "documents", 1, "min_version"), "0.7", "0.10")),
        (scanned(), {"evidence": EvidenceFloor(documents=(DocumentFloor("modelscan", binding="names"),))},
         (("evidence", "documents", 1, "allow"), "low", "none")),
        (scanned(), {"evidence": EvidenceFloor(documents=(DocumentFloor("modelscan", allow="high"),))},
         (("evidence", "documents", 1, "binding"), "names", "content")),
        (a_policy(modes={"evidence:run": "shadow"}), {"evidence": EvidenceFloor(required=True)},
         (("modes", "evidence:run"), "shadow", "enforce")),
        (a_policy(modes={"document:model_signing": "off"}, evidence=scanned().evidence),
         {"evidence": EvidenceFloor(documents=(DocumentFloor("model_signing"),))},
         (("modes", "document:model_signing"), "off", "enforce")),
        (a_policy(modes={"metric:auc": "warn"}, evidence=an_evidence_rule(metrics={})),
         {"evidence": EvidenceFloor(metrics={"auc": MetricRule(min=Decimal(0))}, metric_required={"auc": True})},
         (("modes", "metric:auc"), "warn", "enforce")),
        (a_policy(), {"approval": ApprovalFloor(quorum=3)}, (("approval", "quorum"), "2", "3")),
        (a_policy(approval=an_approval_rule(rejections=2)), {"approval": ApprovalFloor(rejections=1)},
         (("approval", "rejections"), "2", "1")),
        (a_policy(), {"approval": ApprovalFloor(expires_after=timedelta(days=1))}, (("approval", "expires_after"), "7d", "1d")),
        (a_policy(), {"approval": ApprovalFloor(required_groups=("x",))},
         (("approval", "groups"), "[ml-approvers, risk-officers]", "[ml-approvers, risk-officers, x]")),
        (a_policy(approval=an_approval_rule(exclude=())), {"approval": ApprovalFloor(exclude=("registrant",))},
         (("approval", "exclude"), "[]", "[registrant]")),
        (a_policy(), {"registries": ("contoso-shared",)}, (("targets", 1, "registry"), "contoso-eu", "one of [contoso-shared]")),
        (a_policy(modes={"release_record": "warn"}), {"release_record": ("owner",)},
         (("modes", "release_record"), "warn", "enforce")),
        (a_policy(exceptions=(ExceptionRule("lineage:job", ("fraud-*",), "dana", "CHG-1", date(2026, 12, 31)),)),
         {"job_required": True}, (("exceptions", 0), "for lineage:job", "no exception but its own")),
        (a_policy(rules=(a_rule("true"),)), {"rules": (a_rule("false"),)}, (("rules", 0), "another rule plants", "its own")),
    ],
)  # fmt: skip
def test_what_is_looser_is_named_with_what_is_asked(
    policy: Policy, asks: dict[str, Any], told: tuple[Any, ...]
) -> None:
    found = [(each.key, each.value, each.asked) for each in loosenings(policy, Organisation("contoso", **asks))]
    assert found == [told]


def test_bounds_of_both_that_leave_no_better_keep_the_policys() -> None:
    tight = tightened(auc(max=Decimal(1)), judging(auc=MetricRule(min=Decimal(0))))
    assert tight.evidence is not None
    assert tight.evidence.metrics["auc"].lower_is_better


def test_nobody_submitted_a_run_that_no_policy_asks_for() -> None:
    policy = a_policy(evidence=None, approval=an_approval_rule(exclude=("registrant",)))
    organisation = Organisation("contoso", approval=ApprovalFloor(exclude=("registrant", "run_submitter")))
    assert tightened(policy, organisation).approval.exclude == ("registrant",)


def test_the_organisation_may_make_exceptions_of_its_own() -> None:
    rule = ExceptionRule("lineage:job", ("fraud-old",), "dana", "CHG-1", date(2026, 12, 31))
    unknown = replace(rule, gate="metric:recall")
    organisation = Organisation("contoso", job_required=True, exceptions=(rule, unknown))
    assert tightened(a_policy(), organisation).exceptions == (rule,)


def test_exceptions_of_the_organisation_are_compared_with_no_models_before_a_version_comes() -> None:
    """Of many patterns under many policies that would cost more than it tells: which versions they fit is asked later."""
    elsewhere = ExceptionRule("lineage:job", ("vision-*",), "dana", "CHG-1", date(2026, 12, 31))
    organisation = Organisation("contoso", job_required=True, exceptions=(elsewhere,))
    tight = tightened(a_policy(), organisation)
    assert tight.exceptions == (elsewhere,)
    assert exception_for(tight, "lineage:job", "vision-1", NOW) is not None
    assert exception_for(tight, "lineage:job", "fraud-detector", NOW) is None


def test_where_a_value_is_taken_from_is_the_policys_unless_the_floor_says_results() -> None:
    floor = MetricRule(min=Decimal("0.9"), from_results=True)
    tight = tightened(auc(min=Decimal("0.9")), judging(auc=floor))
    assert tight.evidence is not None
    assert tight.evidence.metrics == {"auc": floor}
    theirs = auc(min=Decimal("0.9"), from_results=True)
    assert loosenings(theirs, judging(auc=MetricRule(min=Decimal("0.9")))) == ()


def test_a_document_of_the_organisation_is_found_where_its_file_states_it() -> None:
    floors = (
        DocumentFloor("picklescan"),
        DocumentFloor("modelscan", allow="low", binding="names", max_age=timedelta(1)),
    )
    (told,) = loosenings(scanned(min_version=None), Organisation("c", evidence=EvidenceFloor(documents=floors)))
    assert (told.key, told.floor) == (("evidence", "documents", 1, "max_age"), ("evidence", "documents", 1, "max_age"))


def test_a_required_metric_is_put_into_evidence_that_leaves_it_out() -> None:
    floor = MetricRule(min=Decimal("0.9"), no_worse_than_champion_by=Decimal(0))
    asked = Organisation("c", evidence=EvidenceFloor(metrics={"auc": floor}, metric_required={"auc": True}))
    without = a_policy(evidence=an_evidence_rule(metrics={}))
    tight = tightened(without, asked)
    assert tight.evidence is not None
    assert tight.evidence.metrics == {"auc": floor}
    assert tight.mode_of("metric:auc:champion") == "enforce"
    assert loosenings(without, asked) == ()


BOUND = {"auc": MetricRule(min=Decimal(0))}
RESULTS = ResultsRule("results.json", "clearance")


@pytest.mark.parametrize(
    ("floor", "key"),
    [
        (EvidenceFloor(required=True), ("required",)),
        (EvidenceFloor(metrics=BOUND, metric_required={"auc": True}), ("metrics", "auc")),
        (EvidenceFloor(results=True), ("results",)),
        (EvidenceFloor(code_version=True), ("code_version",)),
        (EvidenceFloor(documents=(DocumentFloor("modelscan"),)), ("documents",)),
        (EvidenceFloor(), None),
        (EvidenceFloor(required=False, code_version=True, metrics=BOUND, metric_required={"auc": True}), None),
        (EvidenceFloor(max_age=timedelta(1), metrics=BOUND), None),
    ],
)
def test_a_policy_without_evidence_lacks_it_where_something_must_stand_there(
    floor: EvidenceFloor, key: tuple[str, ...] | None
) -> None:
    assert [(lack.key, lack.floor) for lack in lacks(None, floor)] == ([((), key)] if key else [])


@pytest.mark.parametrize(
    ("evidence", "floor", "key", "at"),
    [
        ({}, EvidenceFloor(results=True), ("results",), ("results",)),
        ({}, EvidenceFloor(documents=(DocumentFloor("modelscan"),)), ("documents",), ("documents", 0)),
        ({"metrics": BOUND}, EvidenceFloor(metrics={"auc": MetricRule(min=Decimal(0), from_results=True)}),
         ("results",), ("metrics", "auc", "from")),
        ({"metrics": {"auc": MetricRule(min=Decimal(0), from_results=True)}}, EvidenceFloor(), None, None),
        ({"results": RESULTS}, EvidenceFloor(results=True), None, None),
        ({"documents": (DocumentRule("modelscan", "m"),)}, EvidenceFloor(documents=(DocumentFloor("modelscan"),)), None, None),
        ({}, EvidenceFloor(required=True, code_version=True, max_age=timedelta(1)), None, None),
    ],
)  # fmt: skip
def test_what_only_a_policys_authors_can_add_is_lacking(
    evidence: dict[str, Any], floor: EvidenceFloor, key: tuple[str, ...] | None, at: tuple[str | int, ...] | None
) -> None:
    found = [(lack.key, lack.floor) for lack in lacks(an_evidence_rule(**evidence), floor)]
    assert found == ([] if key is None else [(key, at)])


@pytest.mark.parametrize(
    ("asks", "floor", "key"),
    [
        (False, EvidenceFloor(max_age=timedelta(1)), ()),
        (False, EvidenceFloor(max_age=timedelta(1), required=False), None),
        (False, EvidenceFloor(max_age=timedelta(1), required=True), None),
        (False, EvidenceFloor(), None),
        (True, EvidenceFloor(metrics={"f1": MetricRule(min=Decimal(0)), **BOUND}), ("metrics",)),
        (True, EvidenceFloor(metrics={"f1": MetricRule(min=Decimal(0))}, metric_required={"f1": False}), None),
        (True, EvidenceFloor(metrics={"f1": MetricRule(min=Decimal(0))}, metric_required={"f1": True}), None),
        (True, EvidenceFloor(metrics=BOUND, max_age=timedelta(1)), None),
    ],
)
def test_a_floor_that_holds_nothing_is_told_unless_its_file_says_that_it_may(
    asks: bool, floor: EvidenceFloor, key: tuple[str, ...] | None
) -> None:
    found = [lack.key for lack in unheld(an_evidence_rule() if asks else None, floor)]
    assert found == ([] if key is None else [key])
