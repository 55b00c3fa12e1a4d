"""`organisation.yaml` beside policies: what it asks for is in force, and a policy that says less is told both places."""

import re
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.policy_files import PolicyFolder, load_policies, read_policies
from shared.domain.errors import DocumentInvalid
from shared.domain.policy import Policy
from tests.adapters.test_policy_files import FIX, FRAUD, SMALL, within
from tests.domain.evidence_makers import a_champion, an_evaluation, gate_of

ORGANISATION = """
organisation: contoso
owner: model-risk@contoso.com
release_record: {require: [limitations]}
tags:
  classification: {one_of: [internal, restricted]}
lineage: {job_required: true}
evidence:
  max_age: 30d
  metrics:
    auc: {min: 0.85, no_worse_than_champion_by: 0.02}
approval:
  quorum: 2
  required_groups: [risk-officers]
  exclude: [registrant, run_submitter]
  expires_after: 7d
registries: [contoso-shared, contoso-eu]
""".lstrip()


def folder_of(tmp_path: Path, organisation: str, *policies: str) -> Path:
    (tmp_path / "organisation.yaml").write_text(organisation, encoding="utf-8")
    for letter, content in zip("abc", policies, strict=False):
        (tmp_path / f"{letter}.yaml").write_text(content, encoding="utf-8")
    return tmp_path


def faults_of(tmp_path: Path, organisation: str, *policies: str) -> tuple[str, ...]:
    with pytest.raises(DocumentInvalid) as caught:
        load_policies(folder_of(tmp_path, organisation, *policies))
    return within(tmp_path, caught.value.faults)


def load(tmp_path: Path, organisation: str, *policies: str) -> tuple[Policy, ...]:
    return load_policies(folder_of(tmp_path, organisation, *policies))


def test_a_policy_that_asks_for_as_much_or_more_loads_with_what_it_left_out(tmp_path: Path) -> None:
    (fraud,) = load(tmp_path, ORGANISATION, FRAUD)
    assert fraud.release_record == ("owner", "scope", "rollback_path", "monitoring_signal", "limitations")
    assert fraud.evidence is not None
    assert str(fraud.evidence.metrics["auc"].min) == "0.90"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("min: 0.90", "min: 0.8", "a.yaml:16:11: evidence.metrics.auc.min is 0.8, but organisation.yaml:10:11 asks for 0.85: write that, or remove it."),
        ("by: 0.01", "by: 0.05", "a.yaml:16:22: evidence.metrics.auc.no_worse_than_champion_by is 0.05 with higher values better, but organisation.yaml:10:22 asks for 0.02 with higher values better"),
        ("max_age: 30d", "max_age: 31d", "a.yaml:13:3: evidence.max_age is 31d, but organisation.yaml:8:3 asks for 30d"),
        ("quorum: 2", "quorum: 1", "a.yaml:19:3: approval.quorum is 1, but organisation.yaml:12:3 asks for 2"),
        ("expires_after: 7d", "expires_after: 8d", "a.yaml:23:3: approval.expires_after is 8d, but organisation.yaml:15:3 asks"),
        ("registry: contoso-eu", "registry: contoso-us", "a.yaml:24:40: targets.1.registry is contoso-us, but organisation.yaml:16:1 asks for one of [contoso-shared, contoso-eu]: write that"),
        ("[internal, restricted]", "[secret]", "a.yaml:9:3: tags.classification is one of [secret], but organisation.yaml:5:3 asks for one of [internal, restricted]"),
        ("job_required: true", "job_required: false", "a.yaml:10:11: lineage.job_required is false, but organisation.yaml:6:11 asks for true"),
        ("groups: [ml-approvers, risk-officers]\n  required_groups: [risk-officers]", "groups: [ml-approvers]",
         "a.yaml:20:3: approval.groups is [ml-approvers], but organisation.yaml:13:3 asks for [ml-approvers, risk-officers]"),
        ("mode: enforce", "modes: {'metric:auc': warn}", "a.yaml:25:9: modes.metric:auc is warn, but organisation.yaml:10:5 asks for enforce"),
        ("mode: enforce", "exceptions: [{gate: 'lineage:job', models: ['fraud-*'], owner: me, reason: why, until: 2026-12-31}]",
         "a.yaml:25:14: exceptions.0 is for lineage:job, but organisation.yaml:6:11 asks for no exception but its own"),
    ],
)  # fmt: skip
def test_a_loosening_is_refused_with_both_places_and_the_fix(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in FRAUD
    (told,) = faults_of(tmp_path, ORGANISATION, FRAUD.replace(old, new, 1))
    assert told.startswith(fault)
    assert FIX.search(told)


def test_every_loosening_of_every_file_and_every_fault_of_the_organisation_are_told_at_once(tmp_path: Path) -> None:
    loose = FRAUD.replace("min: 0.90", "min: 0.8").replace("quorum: 2", "quorum: 1")
    assert len(faults_of(tmp_path, ORGANISATION, loose, SMALL)) == 4
    faults = faults_of(tmp_path, ORGANISATION.replace("quorum: 2", "quorun: 2"), "policy: x")
    assert faults[0] == "organisation.yaml:12:3: approval.quorun is no key known here: write quorum, or remove it."
    assert any(fault.startswith("a.yaml:1:1: ") for fault in faults)


def test_a_gate_that_only_the_organisation_makes_has_a_mode_to_be_named(tmp_path: Path) -> None:
    small = SMALL.replace("groups: [ml-approvers]", "groups: [risk-officers]").replace("quorum: 1", "quorum: 2")
    (policy,) = load(tmp_path, ORGANISATION, f"{small}modes: {{'tag:classification': enforce}}\n")
    assert policy.mode_of("tag:classification") == "enforce"


def test_a_shadow_policy_still_enforces_what_the_organisation_asks_for(tmp_path: Path) -> None:
    (fraud,) = load(tmp_path, ORGANISATION, FRAUD.replace("mode: enforce", "mode: shadow"))
    assert (fraud.mode_of("lineage:job"), fraud.mode_of("tag:owner")) == ("enforce", "shadow")


HOLDS = """
organisation: contoso
owner: model-risk@contoso.com
evidence:
  same_dataset_as_champion: true
  metrics:
    auc: {min: 0.85, no_worse_than_champion_by: 0.02}
rules:
  - {name: no-worse, fix: Train it again., require: metrics.auc > champion.metrics.auc - 0.5}
""".lstrip()


@pytest.mark.parametrize(
    ("gate", "changes"),
    [
        ("evidence:same_dataset", {"dataset": None}),
        ("metric:auc:champion", {"taken": {"auc": "best"}}),
        ("rule:no-worse", {"metrics": {}}),
    ],
)
def test_what_the_champion_lacks_is_mended_where_the_gate_is_held(
    tmp_path: Path, gate: str, changes: dict[str, Any]
) -> None:
    """In the policy it would be refused; the lines that are printed, put into the organisation's file, are what helps."""
    (policy,) = load(tmp_path, HOLDS, FRAUD)
    assert gate in policy.held
    champion = a_champion(**changes)
    found = gate_of(an_evaluation(policy=policy, champion=champion), gate)
    assert found.blocks
    assert "add an exception to exceptions in organisation.yaml, until a version judged" in found.explanation
    filled = re.sub("<last day>", "2026-12-31", found.command)
    (mended,) = load(tmp_path, f"{HOLDS}{filled}\n", FRAUD)
    result = gate_of(an_evaluation(policy=mended, champion=champion), gate)
    assert (result.outcome, result.blocks) == (found.outcome, False)
    refused = faults_of(tmp_path, HOLDS, FRAUD.replace("mode: enforce", f'modes: {{"{gate}": shadow}}'))
    assert any(f"modes.{gate} is shadow, but organisation.yaml" in fault for fault in refused)


def test_a_gate_that_the_organisation_lets_a_policy_put_in_shadow_is_not_held(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, f"{HOLDS}modes: {{'metric:*': shadow}}\n", FRAUD)
    assert policy.held == {"evidence:same_dataset", "rule:no-worse"}


STRICT = """
organisation: contoso
owner: model-risk@contoso.com
evidence:
  required: true
  results: required
  code_version: required
  documents:
    - {kind: picklescan}
    - {kind: modelscan, max_age: 30d, min_version: "0.8.4", allow: low}
  metrics:
    auc: {min: 0.85}
    f1: {min: 0.6, no_worse_than_champion_by: 0.05, required: true}
""".lstrip()
HELD = FRAUD.replace(
    "  max_age: 30d\n",
    """  max_age: 30d
  results: {path: results.json, format: clearance}
  documents:
    - {kind: modelscan, path: m.json, max_age: 7d, min_version: "0.9", allow: low}
    - {kind: picklescan, path: p.json}
""",
)


def test_what_only_authors_can_add_is_there_and_the_rest_is_put_in(tmp_path: Path) -> None:
    (fraud,) = load(tmp_path, STRICT, HELD)
    assert fraud.evidence is not None
    assert fraud.evidence.code_version
    assert (str(fraud.evidence.metrics["f1"].min), str(fraud.evidence.metrics["auc"].min)) == ("0.6", "0.90")
    assert [document.kind for document in fraud.evidence.documents] == ["modelscan", "picklescan"]
    assert fraud.evidence.documents[0].min_version == "0.9"
    assert fraud.mode_of("metric:f1:champion") == "enforce"


@pytest.mark.parametrize(
    ("asked", "policy", "fault"),
    [
        (STRICT, SMALL, "a.yaml:1:1: evidence is missing, but organisation.yaml:4:3 asks for it: add it, with a run such as"),
        (STRICT.replace("  required: true\n", ""), SMALL, "evidence is missing, but organisation.yaml:11:5 asks for it"),
        (STRICT, HELD.replace("  results: {path: results.json, format: clearance}\n", ""),
         "a.yaml:11:1: evidence.results is missing, but organisation.yaml:5:3 asks for it: add {path, format}."),
        (STRICT, HELD.replace("    - {kind: picklescan, path: p.json}\n", ""),
         "a.yaml:15:3: evidence.documents lists no picklescan, but organisation.yaml:8:7 asks for it: add {kind: picklescan, path"),
        (STRICT, HELD.replace("max_age: 7d", "max_age: 31d"),
         "a.yaml:16:39: evidence.documents.0.max_age is 31d, but organisation.yaml:9:25 asks for 30d: write that, or remove it."),
        (STRICT, HELD.replace('"0.9"', '"0.8"'),
         "a.yaml:16:52: evidence.documents.0.min_version is 0.8, but organisation.yaml:9:39 asks for 0.8.4"),
        (STRICT, HELD.replace("allow: low", "allow: high"),
         "a.yaml:16:72: evidence.documents.0.allow is high, but organisation.yaml:9:61 asks for low"),
        (STRICT, HELD.replace("allow: low", "binding: names"), "evidence.documents.0.binding is names, but organisation.yaml:9:7"),
        (STRICT, HELD + "modes: {'document:modelscan': off, 'tag:*': warn}\n",
         "modes.document:modelscan is off, but organisation.yaml:9:7 asks for enforce"),
        (STRICT, HELD + "modes: {'evidence:run': shadow}\n", "modes.evidence:run is shadow, but organisation.yaml:4:3 asks for"),
        (STRICT.replace("{min: 0.85}", "{from: results, min: 0.85}").replace("  results: required\n", ""),
         HELD.replace("  results: {path: results.json, format: clearance}\n", ""),
         "evidence.results names no file of results, and auc is taken from one, but organisation.yaml:10:11 asks for it"),
    ],
)  # fmt: skip
def test_what_a_policy_lacks_is_refused_with_both_places_and_the_fix(
    tmp_path: Path, asked: str, policy: str, fault: str
) -> None:
    policy = policy.replace("\nmode: enforce", "") if "\nmodes:" in policy else policy
    (told,) = faults_of(tmp_path, asked, policy)
    assert fault in told
    assert FIX.search(told)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  results: required\n", "", None),
        ("{min: 0.6,", "{from: results, min: 0.6,", None),
        ("  results: required\n", "  results: no\n", 'evidence.results is "no"; write'),
        ("  required: true\n", "  required: yes\n", "evidence.required must be true or false"),
        ("{kind: picklescan}", "{kind: modelscan}", "evidence.documents.1 is another modelscan: keep one document"),
        ("{kind: picklescan}", "{kind: picklescan, binding: names}", "is bound to names, and only modelscan"),
        ("{min: 0.6,", "{", "evidence.metrics.f1 bounds nothing: write min or max."),
        ("{min: 0.85}", "{min: 0.85, required: 1}", "evidence.metrics.auc.required must be true or false"),
    ],
)
def test_an_organisation_asks_for_what_can_be_had(tmp_path: Path, old: str, new: str, fault: str | None) -> None:
    assert old in STRICT
    asked = STRICT.replace(old, new, 1)
    if fault is None:
        assert len(load(tmp_path, asked, HELD)) == 1
    else:
        (told,) = faults_of(tmp_path, asked, HELD)
        assert fault in told


def test_a_required_metric_in_results_needs_results_that_every_policy_names(tmp_path: Path) -> None:
    asked = STRICT.replace("{min: 0.6,", "{from: results, min: 0.6,").replace("  results: required\n", "")
    (told,) = faults_of(tmp_path, asked, HELD)
    assert told.startswith(
        "organisation.yaml:11:10: evidence.metrics.f1.from is results, which no policy must name: write"
    )


@pytest.mark.parametrize(
    ("asked", "policy", "warning"),
    [
        (ORGANISATION, FRAUD, None),
        (ORGANISATION, SMALL.replace("[ml-approvers]", "[risk-officers]").replace("quorum: 1", "quorum: 2"),
         "a.yaml:1:1: evidence is not asked for, but organisation.yaml:7:1 has a floor: add it, or write required: true or false there."),
        (ORGANISATION.replace("evidence:\n", "evidence:\n  required: false\n"),
         SMALL.replace("[ml-approvers]", "[risk-officers]").replace("quorum: 1", "quorum: 2"), None),
        (ORGANISATION, FRAUD.replace("    auc: {min: 0.90, no_worse_than_champion_by: 0.01}\n", ""),
         "a.yaml:15:3: evidence.metrics does not judge auc, but organisation.yaml:10:5 has a floor: add it, or write required:"),
        (ORGANISATION.replace("auc: {", "auc: {required: false, "),
         FRAUD.replace("    auc: {min: 0.90, no_worse_than_champion_by: 0.01}\n", ""), None),
    ],
)  # fmt: skip
def test_a_floor_that_holds_nothing_in_a_policy_is_warned_of(
    tmp_path: Path, asked: str, policy: str, warning: str | None
) -> None:
    found = list(read_policies(folder_of(tmp_path, asked, policy)).warnings())
    told = within(tmp_path, found)
    assert len(told) == (warning is not None)
    assert warning is None or told[0].startswith(warning)
    assert len(load(tmp_path, asked, policy)) == 1


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "organisation.yaml:1:1: The file is empty: write what every policy is held to, or remove it."),
        ("organisation: [", "organisation.yaml:1:16: This is not YAML"),
        ("policy: fraud", "organisation.yaml:1:1: organisation is missing: add it."),
        (
            ORGANISATION.replace("min: 0.85", "min: .nan"),
            "organisation.yaml:10:11: evidence.metrics.auc.min is not finite",
        ),
        (
            ORGANISATION.replace("[contoso-shared, contoso-eu]", "[]"),
            "organisation.yaml:16:1: registries is empty: list",
        ),
    ],
)
def test_a_fault_of_the_organisation_is_told_with_its_place(tmp_path: Path, content: str, fault: str) -> None:
    assert any(told.startswith(fault) for told in faults_of(tmp_path, content, FRAUD))


def test_an_organisation_alone_is_no_policy(tmp_path: Path) -> None:
    assert faults_of(tmp_path, ORGANISATION) == (f"{tmp_path}: It holds no *.yaml: add a policy.",)


def test_policies_are_read_again_when_the_organisation_changes(tmp_path: Path) -> None:
    source = PolicyFolder(folder_of(tmp_path, ORGANISATION, FRAUD))
    assert source.policies()[0].approval.quorum == 2
    (tmp_path / "organisation.yaml").write_text(ORGANISATION.replace("quorum: 2", "quorum: 3"))
    with pytest.raises(DocumentInvalid, match="asks for 3"):
        source.policies()
    (tmp_path / "organisation.yaml").unlink()
    assert source.policies()[0].release_record == ("owner", "scope", "rollback_path", "monitoring_signal")
