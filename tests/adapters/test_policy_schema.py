"""The schemas that editors complete and check policies with are true."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.policy_schema import json_schemas

ROOT = Path(__file__).parents[2]


def keys(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in {"": schema, **schema.get("$defs", {})}.items():
        for key, value in part.get("properties", {}).items():
            yield f"{name}.{key}", value


@pytest.mark.parametrize("name", json_schemas())
def test_a_schema_is_the_one_in_docs(name: str) -> None:
    assert json.loads((ROOT / "docs" / name).read_text()) == json_schemas()[name], "write it anew: make docs"


@pytest.mark.parametrize("name", json_schemas())
def test_editors_can_explain_every_key_and_mark_unknown_ones(name: str) -> None:
    schema = json_schemas()[name]
    assert [key for key, value in keys(schema) if not value.get("description", "").endswith(".")] == []
    assert all(part["additionalProperties"] is False for part in [schema, *schema["$defs"].values()])


def test_defaults_are_written_as_a_policy_would_write_them() -> None:
    defaults = {key: value.get("default") for key, value in keys(json_schemas()["policy.schema.json"])}
    assert defaults[".grace"] == "30m"
    assert defaults["ApprovalDocument.expires_after"] == "7d"


@pytest.mark.parametrize("policy", sorted((ROOT / "policies").glob("*.yaml")), ids=lambda path: path.name)
def test_our_own_policies_name_their_schema(policy: Path) -> None:
    first = policy.read_text().partition("\n")[0]
    prefix = "# yaml-language-server: $schema="
    if policy.name.endswith(".test.yaml"):
        return
    assert first.startswith(prefix)
    assert (policy.parent / first.removeprefix(prefix)).resolve().parent == ROOT / "docs"
