"""JSON Schemas of policy files, so that editors complete them, explain each key and mark what is wrong."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from shared.adapters.organisation_document import OrganisationDocument
from shared.adapters.policy_document import PolicyDocument
from shared.domain.durations import spelled_span

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _AsWritten(GenerateJsonSchema):
    """Defaults as a policy file would state them."""

    schema_dialect = DIALECT

    def encode_default(self, dft: Any) -> Any:
        return spelled_span(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schema (2020-12) of each kind of file, by the name of its own file under `docs/`."""
    return {
        "policy.schema.json": _schema(PolicyDocument, "Clearance policy"),
        "organisation.schema.json": _schema(OrganisationDocument, "Clearance organisation"),
    }


def _schema(shape: type[BaseModel], title: str) -> dict[str, Any]:
    schema = shape.model_json_schema(by_alias=True, schema_generator=_AsWritten)
    return {"$schema": DIALECT, **schema, "title": title}
