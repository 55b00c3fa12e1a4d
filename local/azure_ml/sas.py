"""Shared access signatures for the emulated blob containers."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from local.azure_ml.errors import WireError, blob_error
from local.azure_ml.timestamps import sas_time

ONE_HOUR = 3600.0


def sas_token(secret: bytes, container: str, seconds: float = ONE_HOUR) -> str:
    """Return a SAS query string for one ``account/container``, good for ``seconds``."""
    expiry = sas_time(seconds)
    fields = {"sv": "2023-11-03", "sr": "c", "sp": "rwlc", "se": expiry, "sig": _sign(secret, container, expiry)}
    return urlencode(fields)


def check_sas(secret: bytes, container: str, query: Mapping[str, str]) -> None:
    """Check the SAS of a request.

    Raises:
        WireError: 403 as Blob storage answers a missing, wrong or ended signature.
    """
    expiry = query.get("se", "")
    signature = _sign(secret, container, expiry).encode()
    if not hmac.compare_digest(query.get("sig", "").encode(), signature) or expiry < sas_time():
        raise _refused()


def _sign(secret: bytes, container: str, expiry: str) -> str:
    return base64.b64encode(hmac.digest(secret, f"{container}\n{expiry}".encode(), hashlib.sha256)).decode()


def _refused() -> WireError:
    message = "Server failed to authenticate the request. Make sure the value of the signature is formed correctly."
    return blob_error(403, "AuthenticationFailed", message)
