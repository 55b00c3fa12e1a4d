"""`organisation.yaml` beside policies: what it asks for is in force, and a policy that says less is told both places."""

from pathlib import Path

import pytest

from shared.adapters.policy_files import PolicyFolder, load_policies
from shared.domain.errors import DocumentInvalid
from shared.domain.policy import Policy
from tests.adapters.test_policy_files import FIX, FRAUD, SMALL

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
    return caught.value.faults


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
    assert faults_of(tmp_path, ORGANISATION) == ("It holds no *.yaml: add a policy.",)


def test_policies_are_read_again_when_the_organisation_changes(tmp_path: Path) -> None:
    source = PolicyFolder(folder_of(tmp_path, ORGANISATION, FRAUD))
    assert source.policies()[0].approval.quorum == 2
    (tmp_path / "organisation.yaml").write_text(ORGANISATION.replace("quorum: 2", "quorum: 3"))
    with pytest.raises(DocumentInvalid, match="asks for 3"):
        source.policies()
    (tmp_path / "organisation.yaml").unlink()
    assert source.policies()[0].release_record == ("owner", "scope", "rollback_path", "monitoring_signal")
