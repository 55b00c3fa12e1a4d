"""Every fault in one round: what is wrong in one place hides nothing in another, and accuses nobody else."""

from pathlib import Path

import pytest

from shared.adapters.people_file import people_of, read_people
from shared.adapters.policy_check import check_folder
from shared.domain.errors import DocumentInvalid
from tests.adapters.test_organisation_file import ORGANISATION, folder_of
from tests.adapters.test_organisation_file import faults_of as faults_with
from tests.adapters.test_people_file import TWO
from tests.adapters.test_policy_files import FRAUD, SMALL, faults_of, within
from tests.adapters.test_rule_document import RULES
from tests.domain.evidence_makers import NOW, people

FLOORS = ORGANISATION.replace("  exclude: [registrant, run_submitter]\n", "")
WHOLE = FRAUD + "reserved_tags: [approved_by]\n" + RULES

# One value that cannot be read, in each section; each is told as one fault.
BROKEN = {
    "policy": ("policy: fraud", "policy: ../fraud"),
    "model": ('["fraud-*"]', '["fraud-*", "a b"]'),
    "workspace": ("[risk-dev]", "[risk-dev, 'a b']"),
    "unknown key": ("grace: 30m", "zzz: 1"),
    "grace": ("grace: 30m", "grace: soon"),
    "record": ("require: [owner,", "require: ['a b', owner,"),
    "pattern": (r"'[^@]+@contoso\.com'", "'('"),
    "tag name": ("  data_window:", "  data.window:"),
    "no mapping": ("lineage: {job_required: true, job_status: Completed}", "lineage: yes"),
    "run": ("or: job", "or: parent"),
    "age": ("max_age: 30d", "max_age: 0d"),
    "min": ("{min: 0.90,", "{min: .nan,"),
    "use": ("{max: 0.05}", "{max: 0.05, use: first}"),
    "rejections": ("  quorum: 2\n", "  quorum: 2\n  rejections: 0\n"),
    "expiry": ("expires_after: 7d", "expires_after: 1w"),
    "registry": ("registry: contoso-eu", "registry: 'contoso eu'"),
    "mode": ("mode: enforce", "mode: observe"),
    "alias": ("grace: 30m", "grace: *later"),
    "tag of YAML": ("owner: risk-platform@contoso.com", "owner: !!str risk"),
    "number": ("grace: 30m", "grace: 0x10"),
}

# Values that others are judged by: what stands in for them would accuse those.
JUDGED_BY = {
    "groups": ("  groups: [ml-approvers, risk-officers]", "  groups: []"),
    "role": ("exclude: [registrant, run_submitter]", "exclude: [registrant, runsubmitter]"),
    "quorum": ("quorum: 2", "quorum: two"),
    "metrics": ("  metrics:\n", "  metrics: 7\nmodes: {'metric:auc': warn}\nx:\n"),
    "all of it": ("evidence:\n", "evidence: 7\nmodes: {'evidence:results': warn}\nx:\n"),
}

# What is wrong between values, none of which is among those above; with a part of what is told.
CROSSED = {
    "loosening": ("quorum: 2", "quorum: 1", "approval.quorum is 1, but organisation.yaml:12:3 asks for 2"),
    "loosened bound": ("by: 0.01}", "by: 0.05}", "no_worse_than_champion_by is 0.05 with higher values better, but"),
    "mode of no gate": ("reserved_tags:", "modes: {'tag:own': warn}\nreserved_tags:", "modes.tag:own names no gate"),
    "exception from no gate": (
        "reserved_tags:",
        "exceptions: [{gate: 'metric:ac', models: [fraud-x], owner: a, reason: b, until: 2026-12-31}]\nreserved_tags:",
        "exceptions.0.gate names no gate of this policy: write metric:auc",
    ),
    "rule's name": ("rules:\n", RULES, "rules.1.name is recall-of-cards, as of a rule above"),
    "exclusion": ("exclude: [registrant,", "exclude: [", "approval.exclude does not name registrant"),
    "required group": ("required_groups: [risk-officers]", "required_groups: [risk-officers, x]", "required_groups.1 is x,"),
    "reserved tag": ("[approved_by]", "[approved_by, classification]", "asks the submitter for classification, which"),
    "group without people": ("groups: [ml-approvers, risk-officers]", "groups: [ml-approvers, risk-officers, ghosts]",
                             "approval.groups lists ghosts, which nobody belongs to"),
    "names in a registry": ('name: "{workspace}-{name}"', 'name: "{name}{name}"', "targets.1 would give two models one name"),
    "champion": ("{registry: contoso-shared}", "{registry: contoso-shared, champion_from: nowhere}", "which targets does not list"),
    "results": ("{max: 0.05", "{from: results, max: 0.05", "fairness_gap.from is results, but evidence names none"),
}  # fmt: skip


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def told(tmp_path: Path, policy: str, organisation: str = FLOORS) -> tuple[str, ...]:
    (tmp_path / "directory").mkdir(exist_ok=True)
    listed = "".join(
        f"  - {{id: {p.id}, name: {p.name}, groups: [{', '.join(p.groups)}]}}\n"
        for p in people().everyone
        if not p.service_principal
    )
    (tmp_path / "directory" / "people.yaml").write_text(f"people:\n{listed}")
    return within(tmp_path, check_folder(folder_of(tmp_path, organisation, policy), NOW.date()).faults)


def test_the_whole_is_in_order(tmp_path: Path) -> None:
    assert told(tmp_path, WHOLE) == ()


@pytest.mark.parametrize("broken", [*BROKEN, *JUDGED_BY])
def test_a_value_that_cannot_be_read_is_one_fault_and_accuses_nobody_else(tmp_path: Path, broken: str) -> None:
    faults = told(tmp_path, changed(WHOLE, {**BROKEN, **JUDGED_BY}[broken]))
    others = [fault for fault in faults if " x is no key known here" not in fault]
    assert len(others) == 1, faults


@pytest.mark.parametrize("crossed", CROSSED)
def test_what_is_wrong_between_values_is_one_fault(tmp_path: Path, crossed: str) -> None:
    old, new, fault = CROSSED[crossed]
    (only,) = told(tmp_path, changed(WHOLE, (old, new)))
    assert fault in only


@pytest.mark.parametrize("crossed", CROSSED)
@pytest.mark.parametrize("broken", BROKEN)
def test_neither_hides_the_other(tmp_path: Path, broken: str, crossed: str) -> None:
    (broken_old, _), (old, new, fault) = BROKEN[broken], CROSSED[crossed]
    if broken_old in old or old in broken_old or (broken, crossed) == ("registry", "champion"):
        return  # one and the same value; the registry that cannot be read may be the one that is named
    faults = told(tmp_path, changed(WHOLE, BROKEN[broken], (old, new)))
    assert len(faults) == 2, faults
    assert sum(fault in each for each in faults) == 1, faults


def test_all_of_them_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    names = ("model", "pattern", "tag name", "age", "use", "rejections", "expiry")
    crossed = [(old, new) for old, new, _ in CROSSED.values()]
    faults = told(tmp_path, changed(WHOLE, *(BROKEN[name] for name in names), *crossed))
    assert len(faults) >= len(names) + len(CROSSED)
    lines = [int(fault.split(":")[1]) for fault in faults]
    assert lines == sorted(lines)
    for _, _, part in CROSSED.values():
        assert any(part.split(":12:3")[0] in fault for fault in faults), part


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  quorum: 2\n", "  quorum: two\n"),
        ("expires_after: 7d", "expires_after: 7"),
        ("auc: {min: 0.85, no", "auc: {min: high, no"),
        ("  max_age: 30d\n", "  max_age: *a\n"),
        ("registries: [contoso-shared, contoso-eu]", "registries: contoso"),
        ("lineage: {job_required: true}", "lineage: {job_required: 1}"),
    ],
)
def test_a_floor_that_cannot_be_read_holds_nothing_and_hides_no_other(tmp_path: Path, old: str, new: str) -> None:
    assert len(told(tmp_path, WHOLE, changed(FLOORS, (old, new)))) == 1
    loose = changed(WHOLE, ("max_age: 30d", "max_age: 90d"), ("exclude: [registrant,", "exclude: ["))
    loose = changed(loose, ("[internal, restricted]", "[secret]"))
    faults = told(tmp_path, loose, changed(FLOORS, (old, new)))
    assert any("tags.classification is one of [secret], but organisation.yaml:5:3" in fault for fault in faults)
    assert any("does not name registrant" in fault for fault in faults)


@pytest.mark.parametrize("section", ["approval", "targets", "evidence", "tags", "match"])
def test_a_misspelt_section_is_read_as_what_was_meant(tmp_path: Path, section: str) -> None:
    wrong = changed(WHOLE, (f"\n{section}:", f"\n{section}x:"), ("quorum: 2", "quorum: 0"), ("by: 0.01", "by: -1"))
    faults = told(tmp_path, changed(wrong, ("{type: date_range}", "{type: date}"), ("[risk-dev]", "['a b']")))
    parts = [
        "x is no key known here: write ",
        'approval.quorum is "0"; write 1 or more.',
        "no_worse_than_champion_by is negative: write 0 or more.",
        'tags.data_window.type is "date"; write',
        "match.workspaces.0 'a b' is no workspace",
    ]
    missing = [] if section in {"evidence", "tags"} else [f"{section} is missing: add it."]
    for part in [*parts, *missing]:
        assert any(part in fault.replace(f"{section}x.", f"{section}.") for fault in faults), (part, faults)
    assert len(faults) == len([*parts, *missing]), faults


def test_a_fault_below_a_misspelt_key_stands_where_it_is_written(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, SMALL.replace("approval: {quorum: 1,", "aproval: {quorum: 0,"))
    assert faults == (
        "a.yaml:1:1: approval is missing: add it.",
        "a.yaml:4:1: aproval is no key known here: write approval, or remove it.",
        'a.yaml:4:11: aproval.quorum is "0"; write 1 or more.',
    )


def test_every_fault_of_one_expression_is_told(tmp_path: Path) -> None:
    rule = RULES.replace("metrics.recall >= 0.7", 'tags.a.matches("b") && env.x == 1 && now() > 2.0')
    assert [fault.split("rules.0.require ")[1].split(":")[0] for fault in faults_of(tmp_path, FRAUD + rule)] == [
        "calls matches",
        "reads env.x",
        "calls now",
    ]


def test_aliases_hide_nothing_else(tmp_path: Path) -> None:
    text = changed(WHOLE, ("max_age: 30d", "max_age: &a 90d"), ("expires_after: 7d", "expires_after: *a"))
    assert told(
        tmp_path, changed(text, ("quorum: 2", "quorum: 0"), ("  - name: recall", "  - <<: *a\n    name: recall"))
    ) == (
        "a.yaml:13:3: evidence.max_age is 90d, but organisation.yaml:8:3 asks for 30d: write that, or remove it.",
        "a.yaml:13:12: The anchor &a is not read: remove it.",
        'a.yaml:19:3: approval.quorum is "0"; write 1 or more.',
        "a.yaml:23:18: The alias *a is not read: write the value out.",
        "a.yaml:28:9: The alias *a is not read: write the value out.",
    )


def test_the_first_of_several_documents_is_read(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, SMALL.replace("quorum: 1", "quorum: 0") + "---\n" + SMALL)
    assert faults == (
        "a.yaml:1:1: There is more than one document: put each into a file of its own.",
        'a.yaml:4:12: approval.quorum is "0"; write 1 or more.',
    )


def test_people_are_told_all_at_once_and_policies_with_them(tmp_path: Path) -> None:
    content = TWO.replace("groups: [data-scientists]", "group: [data-scientists]").replace("[dana]", "[nobody]")
    with pytest.raises(DocumentInvalid) as caught:
        read_people(Path("people.yaml"), content.replace("name: Pipeline", "name: 7").encode())
    assert [fault.split(": ")[1] for fault in caught.value.faults] == [
        "people.0.group is no key known here",
        'people.1 names "nobody" as accountable, who is no person here',
        "people.1.name must be text",
    ]


@pytest.mark.parametrize(
    ("old", "new", "known"),
    [
        ("name: Dana Osei", "name: 7", True),
        ("groups: [data-scientists]", "groups: [Data Scientists]", False),
        ("service_principal: true", "service_principal: 1", False),
        ("people:", "people: 7\nmore:", False),
    ],
)
def test_groups_are_judged_only_where_nobodys_are_in_doubt(tmp_path: Path, old: str, new: str, known: bool) -> None:
    (tmp_path / "people.yaml").write_text(TWO.replace(old, new, 1))
    found, faults = people_of(tmp_path / "people.yaml")
    assert faults
    assert (found is not None) is known


def test_organisation_faults_are_told_with_those_of_policies(tmp_path: Path) -> None:
    organisation = ORGANISATION + "reserved_tags: [classification]\nmodes: {'tag:classification': off}\n"
    faults = faults_with(
        tmp_path, organisation.replace("min: 0.85", "min: .nan"), FRAUD.replace("quorum: 2", "quorum: 0")
    )
    assert len(faults) == 3, faults
