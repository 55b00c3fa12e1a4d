"""Error answers in the shapes of Azure Resource Manager, the Azure ML front end, MLflow and Blob storage."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.azure_ml.timestamps import wire_time


@dataclass(frozen=True, slots=True)
class WireError(Exception):
    """An answer other than success, complete as it goes over the wire."""

    status: int
    body: dict[str, Any] | str
    headers: Mapping[str, str] = field(default_factory=dict)


def arm_error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> WireError:
    """Return an error as Azure Resource Manager writes it."""
    return WireError(status, {"error": {"code": code, "message": message}}, headers or {})


def _info(kind: str, value: object) -> dict[str, Any]:
    return {"type": kind, "info": {"value": value}}


def user_error(status: int, message: str, detail: str | None = None, region: str = "westeurope") -> WireError:
    """Return an error as the Azure ML front end writes it (shape seen in the SDK's public recordings).

    Args:
        status: HTTP status.
        message: the sentence for the user.
        detail: an inner code such as ``ModelNotFound``.
        region: the region said to have answered.
    """
    correlation = {"operation": uuid.uuid4().hex, "request": uuid.uuid4().hex[:16]}
    body = {
        "code": "UserError",
        "message": message,
        "details": [{"code": detail, "message": message, "details": [], "additionalInfo": []}] if detail else [],
        "additionalInfo": [
            _info("ComponentName", "managementfrontend"),
            _info("Correlation", correlation),
            _info("Environment", region),
            _info("Location", region),
            _info("Time", wire_time()),
        ],
    }
    return WireError(status, {"error": body})


def registry_access_error(name: str, region: str) -> WireError:
    """Return what discovery answers for a registry that is unknown or closed to the caller (azure-docs issue 122537)."""
    message = f"User/tenant/subscription is not allowed to access registry {name}"
    cause = {"code": "UnAuthorizedRegistryAccess", "innerError": None}
    inner = {"code": "Auth", "innerError": {"code": "Authorization", "innerError": cause}}
    error: dict[str, Any] = {
        "code": "UserError",
        "severity": None,
        "message": message,
        "messageFormat": "User/tenant/subscription is not allowed to access registry {feedName}",
        "messageParameters": {"feedName": name},
        "details": [],
        "innerError": inner,
    }
    correlation = {"operation": uuid.uuid4().hex, "request": uuid.uuid4().hex[:16]}
    body = {"error": error, "correlation": correlation, "environment": region, "location": region, "time": wire_time()}
    return WireError(403, body)


def mlflow_error(status: int, code: str, message: str) -> WireError:
    """Return an error as an MLflow tracking server writes it."""
    return WireError(status, {"error_code": code, "message": message})


def blob_error(status: int, code: str, message: str) -> WireError:
    """Return an error as Blob storage writes it: XML, and the code in a header too."""
    xml = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return WireError(status, xml, {"x-ms-error-code": code, "content-type": "application/xml"})
