"""JSON Schemas of policy files, so that editors complete them, explain each key and mark what is wrong."""

from typing import Any

from pydantic import BaseModel

from shared.adapters.case_document import CasesDocument, EvidenceCase
from shared.adapters.document_schema import DIALECT, schema_of
from shared.adapters.organisation_document import OrganisationDocument
from shared.adapters.people_file import DirectoryDocument
from shared.adapters.policy_document import PolicyDocument

_REF = "#/$defs/"
_OF_A_WHOLE = ("required", "default")  # what a change of a value does not have


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schema (2020-12) of each kind of file, by the name of its own file under `docs/`."""
    return {
        "policy.schema.json": _schema(PolicyDocument, "Clearance policy"),
        "organisation.schema.json": _schema(OrganisationDocument, "Clearance organisation"),
        "policy-cases.schema.json": _cases(),
        "people.schema.json": _schema(DirectoryDocument, "Clearance people"),
    }


def _schema(shape: type[BaseModel], title: str) -> dict[str, Any]:
    return {"$schema": DIALECT, **schema_of(shape), "title": title}


def _cases() -> dict[str, Any]:
    """With what a case may change: anything in the evidence, key by key, null taking a key away."""
    schema = _schema(CasesDocument, "Clearance policy cases")
    defs, made = schema["$defs"], dict[str, Any]()
    but = _changed({"$ref": _REF + EvidenceCase.__name__}, defs, made)
    case = defs["CaseDocument"]
    description = case["properties"]["but"]["description"]
    properties = {**case["properties"], "but": {**but, "default": {}, "description": description}}
    return {**schema, "$defs": {**defs, **made, "CaseDocument": {**case, "properties": properties}}}


def _changed(node: dict[str, Any], defs: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """The schema of what may be merged into a value of `node`; sections are added to `made` under names of their own."""
    if "$ref" in node:
        name = node["$ref"].removeprefix(_REF)
        if f"{name}Change" not in made:
            made[f"{name}Change"] = {}  # before its parts, which may refer to it
            made[f"{name}Change"] = _changed(defs[name], defs, made)
        return {**node, "$ref": f"{_REF}{name}Change"}
    if "anyOf" in node:
        return {**node, "anyOf": [_changed(each, defs, made) for each in node["anyOf"]]}
    if node.get("type") != "object":
        return node
    change = {key: value for key, value in node.items() if key not in _OF_A_WHOLE}
    if "properties" in node:
        change["properties"] = {key: _or_null(_changed(each, defs, made)) for key, each in node["properties"].items()}
    if isinstance(node.get("additionalProperties"), dict):
        change["additionalProperties"] = _or_null(_changed(node["additionalProperties"], defs, made))
    return change


def _or_null(node: dict[str, Any]) -> dict[str, Any]:
    """The same, or null, with its description beside the choice."""
    described = {key: value for key, value in node.items() if key in {"description", "title"}}
    plain = {key: value for key, value in node.items() if key not in {*described, "default"}}
    if "anyOf" in plain:
        return {**described, **plain}
    return {**described, "anyOf": [plain, {"type": "null"}]}
