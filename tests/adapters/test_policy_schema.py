"""The schemas that editors complete and check policies with are true: they take what the loader takes, and refuse what it
refuses, as far as one file alone can tell."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from shared.adapters.case_document import CasesDocument
from shared.adapters.document_schema import keys_at, stand_in
from shared.adapters.organisation_document import OrganisationDocument
from shared.adapters.people_file import DirectoryDocument
from shared.adapters.policy_document import PolicyDocument
from shared.adapters.policy_schema import json_schemas
from shared.adapters.readable import read_as
from shared.adapters.strict_yaml import read_yaml
from tests.adapters.test_organisation_file import ORGANISATION
from tests.adapters.test_people_file import TWO
from tests.adapters.test_policy_files import (
    EXCEPTION,
    FAULTS,
    FRAUD,
    SMALL,
    WINDOW,
)
from tests.adapters.test_rule_document import RULES

ROOT = Path(__file__).parents[2]
OURS = [*sorted((ROOT / "policies").glob("*.yaml")), ROOT / "policies" / "directory" / "people.yaml"]
SCHEMAS = json_schemas()
SHAPES: dict[str, type[BaseModel]] = {
    "policy.schema.json": PolicyDocument,
    "organisation.schema.json": OrganisationDocument,
    "policy-cases.schema.json": CasesDocument,
    "people.schema.json": DirectoryDocument,
}

CASES = """
policy: fraud
evidence:
  workspace: risk-dev
  name: fraud-detector
  version: "3"
  tags: {owner: dana.submitter@contoso.com}
  run: {id: train-3, age: 1d, submitter: Dana Osei, metrics: {auc: 0.97, fairness_gap: "0.01"}}
cases:
  - case: one
    but: {}
    expect: {outcome: passed}
""".lstrip()

# What no schema can say of a single value, or sees of one file: all of these are for `clearance policy check`.
BEYOND = (
    "exceptions.0.gate names no gate of this policy: write metric:auc",
    "exceptions.0.models names churn",
    "change_window.hours end where they begin",
    "change_window.freeze.0 ends before it begins",
    "modes.tag:own names no gate",
    "is not finite",
    "has a min above its max",
    "is refused by RE2",
    "which groups does not list",
    "names contoso-shared again",
    "a round compares with one champion",
    "would give two models one name",
    "which targets does not list",
)


def plain(value: Any) -> Any:
    """As JSON has it: a decimal is a number."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def faults(name: str, text: str) -> list[str]:
    """What an editor marks in a file."""
    document = read_yaml(text.encode(), 1_000_000)
    assert document.faults == ()
    found = Draft202012Validator(SCHEMAS[name]).iter_errors(plain(document.value))
    return [f"{error.json_path} {error.message}" for error in found]


def name_of(path: Path) -> str:
    if path.name == "people.yaml":
        return "people.schema.json"
    return "policy-cases.schema.json" if path.name.endswith(".test.yaml") else "policy.schema.json"


def keys(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in {"": schema, **schema.get("$defs", {})}.items():
        for key, value in part.get("properties", {}).items():
            yield f"{name}.{key}", value


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_the_one_in_docs(name: str) -> None:
    assert json.loads((ROOT / "docs" / name).read_text()) == SCHEMAS[name], "write it anew: make docs"


@pytest.mark.parametrize("name", SCHEMAS)
def test_editors_can_explain_every_key_and_mark_unknown_ones(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert [key for key, value in keys(schema) if not value.get("description", "").endswith(".")] == []
    assert all(part["additionalProperties"] is False for part in [schema, *schema["$defs"].values()])


def test_defaults_are_written_as_a_policy_would_write_them() -> None:
    defaults = {key: value.get("default") for key, value in keys(SCHEMAS["policy.schema.json"])}
    assert defaults[".grace"] == "30m"
    assert defaults["ApprovalDocument.expires_after"] == "7d"


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_own_files_name_their_schema_and_fit_it(path: Path) -> None:
    text = path.read_text("utf-8")
    first = text.partition("\n")[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    assert (path.parent / first.removeprefix(prefix)).resolve() == ROOT / "docs" / name_of(path)
    assert faults(name_of(path), text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("policy.schema.json", FRAUD),
        ("policy.schema.json", SMALL),
        ("policy.schema.json", FRAUD + WINDOW + "\n" + EXCEPTION + "\n" + RULES),
        ("policy.schema.json", FRAUD.replace("mode: enforce", 'modes: {"tag:*": off, "metric:auc:champion": warn}')),
        ("organisation.schema.json", ORGANISATION + RULES),
        ("organisation.schema.json", "organisation: a\nowner: b\nevidence: {required: true, results: required}\n"),
        ("people.schema.json", TWO),
        ("policy-cases.schema.json", CASES),
        ("policy-cases.schema.json", CASES.replace("but: {}", "but: {run: {age: null}, tags: null}")),
    ],
)
def test_what_the_loader_takes_a_schema_takes(name: str, text: str) -> None:
    assert faults(name, text) == []


def blocks() -> Iterator[str]:
    """The YAML of the guide; sections as they would stand in a policy."""
    for text in re.findall(r"(?ms)^```yaml[^\n]*\n(.*?)^```$", (ROOT / "docs" / "policy-guide.md").read_text("utf-8")):
        value = read_yaml(text.encode(), 100_000).value
        if isinstance(value, dict):
            whole = {"policy", "organisation", "people"} & value.keys()
            rest = [line for line in SMALL.splitlines() if line.partition(":")[0] not in value]
            yield text if whole else "\n".join([*rest, text])


def kind_of(value: dict[str, Any]) -> str:
    if "people" in value or "organisation" in value:
        return "people.schema.json" if "people" in value else "organisation.schema.json"
    return "policy-cases.schema.json" if "cases" in value else "policy.schema.json"


def test_what_the_guide_shows_and_the_loader_takes_a_schema_takes() -> None:
    taken = 0
    for text in blocks():
        document = read_yaml(text.encode(), 100_000)
        name = kind_of(document.value)
        reading = read_as(SHAPES[name], Path("guide.yaml"), document, "")
        if not reading.faults:
            assert faults(name, text) == [], text
            taken += 1
    assert taken > 10


@pytest.mark.parametrize(("old", "new", "fault"), FAULTS)
def test_what_the_loader_refuses_a_schema_refuses_where_it_can(old: str, new: str, fault: str) -> None:
    text = FRAUD.replace(old, new, 1)
    if read_yaml(text.encode(), 100_000).faults:
        return  # no editor reads it either
    assert bool(faults("policy.schema.json", text)) is not any(part in fault for part in BEYOND)


@pytest.mark.parametrize(
    ("name", "text", "old", "new"),
    [
        ("policy.schema.json", FRAUD, "  owner: {", "  clearance_owner: {"),
        ("policy.schema.json", FRAUD, "  owner: {", "  Clearance_owner: {"),
        ("policy.schema.json", FRAUD, "{type: date_range}", "{type: date_range, pattern: x}"),
        ("policy.schema.json", FRAUD, "{type: date_range}", "{type: null}"),
        ("policy.schema.json", FRAUD, "    fairness_gap:", "    'fairness:gap':"),
        ("policy.schema.json", FRAUD, "{max: 0.05}", "{use: best}"),
        ("policy.schema.json", FRAUD, "run: {tag: evaluation_run, or: job}", "run: {}"),
        ("policy.schema.json", FRAUD, "registry: contoso-shared", "registry: a b"),
        ("policy.schema.json", FRAUD, "{workspace}-{name}", "{workspace}-{nam}"),
        ("policy.schema.json", FRAUD, "{workspace}-{name}", "{version}-{name}"),
        ("policy.schema.json", FRAUD, "registry: contoso-eu", "registry: contoso-eu, version: v1"),
        ("policy.schema.json", FRAUD, "max_age: 30d", "max_age: 0m"),
        ("policy.schema.json", FRAUD, "max_age: 30d", "max_age: 000d"),
        ("policy.schema.json", FRAUD, "[registrant, run_submitter]", "[run_submitter]"),
        ("policy.schema.json", SMALL, "groups: [ml-approvers]", "groups: [a], exclude: [registrant, run_submitter]"),
        ("policy.schema.json", FRAUD + WINDOW, "Europe/Zurich", "Europe/Zuerich"),
        ("policy.schema.json", FRAUD, "mode: enforce", "modes: {'metric:*:champion:x': warn}"),
        ("policy.schema.json", SMALL, "match:", "evidence:\nmatch:"),
        ("policy.schema.json", SMALL, "match:", "change_window:\nmatch:"),
        ("organisation.schema.json", ORGANISATION, "registries: [contoso-shared, contoso-eu]", "registries:"),
        ("organisation.schema.json", ORGANISATION, "max_age: 30d", "run:"),
        ("people.schema.json", TWO, "id: svc", "groups:\n    id: svc"),
        ("policy-cases.schema.json", CASES, "  tags: {", "  champion:\n  tags: {"),
        ("policy-cases.schema.json", CASES, "passed}", "passed, groups: null}"),
        ("policy-cases.schema.json", CASES, "but: {}", "but: {day: 0001-01-01}"),
        ("policy-cases.schema.json", CASES, "but: {}", "but: {day: 9999-01-01}"),
        ("policy-cases.schema.json", CASES, "but: {}", "but: {documents: {modelscan: {findings: {hihg: 3}}}}"),
        ("policy-cases.schema.json", CASES, "but: {}", "but: {documents: {modelscan: {findings: {HIGH: 2}}}}"),
        ("policy-cases.schema.json", CASES, "but: {}", "but: {documents: {modelscan: {findings: {high: 0}}}}"),
        ("policy.schema.json", FRAUD, "mode: enforce", "modes: {separation_of_duties: warn}"),
        ("policy.schema.json", FRAUD + EXCEPTION, "gate: metric:auc", "gate: 'metric:*'"),
        ("organisation.schema.json", ORGANISATION, "max_age: 30d", "required: yes"),
        ("organisation.schema.json", ORGANISATION, "auc: {min: 0.85,", "auc: {from: results, required: true, min: 0.85,"),
        ("organisation.schema.json", ORGANISATION, "max_age: 30d", "documents: [{kind: modelscan}, {kind: modelscan}]"),
        ("organisation.schema.json", ORGANISATION, "max_age: 30d", "documents: [{kind: modelscan, path: x.json}]"),
        ("people.schema.json", TWO, "id: svc", "id: SVC"),
        ("people.schema.json", TWO, "accountable: [dana]", "accountable: []"),
        ("people.schema.json", TWO, "service_principal: true", "service_principal: false"),
        ("people.schema.json", TWO, "    tid: 72F988BF-0000-4000-8000-000000000001\n", ""),
        ("people.schema.json", TWO, "name: Dana Osei", "nam: Dana Osei"),
        ("policy-cases.schema.json", CASES, "but: {}", "but: {run: {agee: 1d}}"),
        ("policy-cases.schema.json", CASES, "but: {}", "but: {run: {age: soon}}"),
        ("policy-cases.schema.json", CASES, "but: {}", "but: {tags: {owner: 7}}"),
        ("policy-cases.schema.json", CASES, "age: 1d", "agee: 1d"),
        ("policy-cases.schema.json", CASES, "  workspace: risk-dev\n", ""),
        ("policy-cases.schema.json", CASES, "outcome: passed", "outcome: perhaps"),
    ],
)  # fmt: skip
def test_a_schema_refuses(name: str, text: str, old: str, new: str) -> None:
    assert old in text
    assert faults(name, text) == []
    assert faults(name, text.replace(old, new, 1)) != []


@pytest.mark.parametrize("name", SHAPES)
def test_whatever_a_file_must_state_something_could_stand_there(name: str) -> None:
    """The loader goes on with it where the file's own value cannot be read."""
    shape, whole = SHAPES[name], stand_in(SHAPES[name], ())
    shape.model_validate(whole)
    for key in keys_at(shape, ()):
        shape.model_validate({**whole, key: stand_in(shape, (key,))})
    assert set(whole) <= keys_at(shape, ())
