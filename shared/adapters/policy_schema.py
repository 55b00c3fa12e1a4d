"""JSON Schemas of policy files, so that editors complete them, explain each key and mark what is wrong."""

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from shared.adapters.policy_document import PolicyDocument
from shared.adapters.policy_values import spelled_duration

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _AsWritten(GenerateJsonSchema):
    """Defaults as a policy file would state them."""

    schema_dialect = DIALECT

    def encode_default(self, dft: Any) -> Any:
        return spelled_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schema (2020-12) of each kind of file, by the name of its own file under `docs/`."""
    policy = PolicyDocument.model_json_schema(by_alias=True, schema_generator=_AsWritten)
    return {"policy.schema.json": {"$schema": DIALECT, **policy, "title": "Clearance policy"}}
