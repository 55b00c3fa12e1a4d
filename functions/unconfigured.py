"""What the app answers while its settings are faulty: 503 everywhere, and every fault at `/api/health` (ADR 0008)."""

import json

import azure.functions as func

from shared.domain.errors import DocumentInvalid
from shared.version import __version__

_HEADERS = {"Cache-Control": "no-store", "Retry-After": "60"}


def unconfigured(path: str, fault: DocumentInvalid) -> func.HttpResponse:
    """The answer, as RFC 9457 problem details. Faults name settings and forms, never the value of a secret."""
    detail = f"{fault.what} has {len(fault.faults)} fault(s), so nothing is served; GET /api/health lists them."
    document: dict[str, object] = {
        "type": "urn:clearance:problem:configuration_invalid",
        "title": "What this deployment reads has faults",
        "status": 503,
        "detail": detail,
        "code": "configuration_invalid",
    }
    if path == "/api/health":
        document |= {"version": __version__, "faults": list(fault.faults)}
    return func.HttpResponse(
        json.dumps(document), status_code=503, headers=_HEADERS, mimetype="application/problem+json"
    )
