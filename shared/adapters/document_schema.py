"""The JSON Schema (2020-12) of a kind of file, and from it a value that would fit at any place of one."""

from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from shared.adapters.strict_yaml import Place
from shared.domain.durations import spelled_span

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _AsWritten(GenerateJsonSchema):
    """Defaults as a file would state them, names of maps that must fit, not only may, and no section that is null."""

    schema_dialect = DIALECT

    def encode_default(self, dft: Any) -> Any:
        return spelled_span(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        holds = "$ref" in inner or inner.get("type") in {"array", "object"}
        return inner if holds else super().nullable_schema(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        # What may not be null is left out instead.
        return made if made.get("default", made) is not None or "anyOf" in made else _without_default(made)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        # pydantic writes patternProperties, which says nothing of a name that does not fit.
        for pattern, values in made.pop("patternProperties", {}).items():
            made["propertyNames"] = {**made.get("propertyNames", {"type": "string"}), "pattern": pattern}
            made["additionalProperties"] = values
        return made


def _without_default(made: JsonSchemaValue) -> JsonSchemaValue:
    return {key: value for key, value in made.items() if key != "default"}


@cache
def schema_of(shape: type[BaseModel]) -> dict[str, Any]:
    """The schema of a shape, by the keys that a file has."""
    return shape.model_json_schema(by_alias=True, schema_generator=_AsWritten)


def stand_in(shape: type[BaseModel], place: Place) -> Any:
    """A value that would fit at `place`, as it is read from YAML; None where the shape has no such place."""
    return _example(schema_of(shape), _node(schema_of(shape), place))


def keys_at(shape: type[BaseModel], place: Place) -> frozenset[str]:
    """The keys that a shape knows in the section at `place`."""
    return frozenset(_node(schema_of(shape), place).get("properties", ()))


def _node(schema: dict[str, Any], place: Place) -> dict[str, Any]:
    node = schema
    for part in place:
        node = _plain(schema, _inside(node, part))
    return node


def _inside(node: dict[str, Any], part: str | int) -> dict[str, Any]:
    found: Any = node.get("items") if isinstance(part, int) else node.get("properties", {}).get(part)
    if found is None and not isinstance(part, int):
        found = node.get("additionalProperties")
    return found if isinstance(found, dict) else {}


def _plain(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The node itself, behind a reference and without the null that may stand there instead."""
    while "type" not in node and ("$ref" in node or "anyOf" in node):
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        else:
            node = next(each for each in node["anyOf"] if each.get("type") != "null")
    return node


def _example(schema: dict[str, Any], node: dict[str, Any]) -> Any:
    node = _plain(schema, node)
    stated = [*node.get("examples", ()), *node.get("enum", ()), *([node["const"]] if "const" in node else ())]
    if stated:
        return Decimal(str(stated[0])) if isinstance(stated[0], float) else stated[0]
    inner = node.get("properties", {})
    items = [_example(schema, node["items"])] if node.get("minItems") else []
    made = {
        "object": {key: _example(schema, inner[key]) for key in node.get("required", ())},
        "array": items,
        "string": "x" * max(1, node.get("minLength", 1)),
        "integer": node.get("minimum", 1),
        "number": node.get("minimum", 1),
        "boolean": False,
    }
    return made.get(node.get("type", ""))
