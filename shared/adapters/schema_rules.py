"""What is wrong between the keys of one section, as JSON Schema (2020-12) says it, for editors.

Each of these says the same as the `findings` of its section; what lies between sections and files is for
`clearance policy check`.
"""

from typing import Any

Schema = dict[str, Any]
_NOT_NULL: Schema = {"not": {"type": "null"}}


def states(key: str, value: Schema = _NOT_NULL) -> Schema:
    """The key is there, and not null."""
    return {"required": [key], "properties": {key: value}}


def leaves_out(key: str) -> Schema:
    """The key is not there, or null."""
    return {"properties": {key: {"type": "null"}}}


def _at_most_one(kinds: tuple[str, ...]) -> Schema:
    each = ({"contains": states("kind", {"const": kind}), "minContains": 0, "maxContains": 1} for kind in kinds)
    return {"allOf": list(each)}


_KINDS = ("modelscan", "picklescan", "model_signing")
_TAKEN_FROM_RESULTS = states("from", {"const": "results"})

TAG: Schema = {"oneOf": [states("pattern"), states("one_of"), states("type")]}

RUN: Schema = {"anyOf": [states("tag"), states("or")]}

METRIC: Schema = {
    "anyOf": [states("min"), states("max")],
    "allOf": [
        {"if": _TAKEN_FROM_RESULTS, "then": {"properties": {"use": {"const": "last"}}}},
        {
            "if": {
                "allOf": [
                    states("min"),
                    states("max"),
                    {"anyOf": [states("no_worse_than_champion_by"), states("use", {"const": "best"})]},
                ]
            },
            "then": states("better"),
        },
    ],
}

REPORT: Schema = {
    "allOf": [
        {"if": states("binding", {"const": "names"}), "then": states("kind", {"const": "modelscan"})},
        {"if": states("kind", {"const": "model_signing"}), "then": {"properties": {"allow": {"const": "none"}}}},
    ]
}

DOCUMENTS: Schema = _at_most_one(_KINDS)

EVIDENCE: Schema = {
    "if": states("metrics", {"not": {"additionalProperties": {"not": _TAKEN_FROM_RESULTS}}}),
    "then": states("results"),
}

EVIDENCE_FLOOR: Schema = {
    "if": states(
        "metrics",
        {
            "not": {
                "additionalProperties": {"not": {"allOf": [_TAKEN_FROM_RESULTS, states("required", {"const": True})]}}
            }
        },
    ),
    "then": states("results"),
}

WINDOW: Schema = {"anyOf": [{"required": [key]} for key in ("days", "hours", "freeze")]}

EXCLUDE: Schema = {"contains": {"const": "registrant"}}

# Who submitted the run has a part only where evidence asks for one.
POLICY: Schema = {
    "if": states("evidence"),
    "then": {"properties": {"approval": {"properties": {"exclude": {"contains": {"const": "run_submitter"}}}}}},
    "else": {
        "properties": {"approval": {"properties": {"exclude": {"not": {"contains": {"const": "run_submitter"}}}}}}
    },
}

PERSON: Schema = {
    "dependentRequired": {"oid": ["tid"]},
    "if": states("service_principal", {"const": True}),
    "then": states("accountable", {"minItems": 1}),
    "else": {"properties": {"accountable": {"maxItems": 0}}},
}
