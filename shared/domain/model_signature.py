"""An OpenSSF model signature: which files it covers, and whether somebody says to have verified it.

The form is that of sigstore/model-transparency 1.1 (src/model_signing/_signing/signing.py): a Sigstore bundle around a DSSE
envelope around an in-toto statement. The signature itself is not verified here, for no key or identity is known here that
it could be held against. `model_signing verify`, run by the step that writes the document, does that, and is believed.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from shared.domain.errors import DocumentInvalid
from shared.domain.scan_reports import Said
from shared.domain.strict_json import loads

_BUNDLE = "application/vnd.dev.sigstore.bundle"
_IN_TOTO = "application/vnd.in-toto+json"
_PREDICATE = "https://model_signing/signature/v1.0"
_LARGEST_STATEMENT = 1_048_576
_VERIFIED = "Verification succeeded"  # src/model_signing/_cli.py


def read_signature(bundle: Any, sha256: Mapping[str, str], verification: str) -> Said:
    """What the bundle covers.

    Args:
        bundle: the JSON of `model.sig`.
        sha256: of the files that the document is bound to, lower-case hex by path.
        verification: what `model_signing verify` printed.

    Raises:
        DocumentInvalid: it has another form, contradicts itself, or signs other content than `sha256` states.
    """
    try:
        signed = _signed(bundle)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DocumentInvalid("model_signing", [f"report is no model signature ({type(error).__name__})."]) from error
    other = sorted(path for path in signed.keys() & sha256.keys() if signed[path] != sha256[path])
    if other:
        raise DocumentInvalid("model_signing", [f"It signs another content of {other[0][:200]!a} than files states."])
    verified = _VERIFIED in verification.splitlines()
    return Said(
        named=tuple(sorted(signed)), incomplete="" if verified else "nobody says to have verified the signature"
    )


def _signed(bundle: Any) -> dict[str, str]:
    """SHA-256 of each file that the statement in the bundle names, lower-case hex by path."""
    envelope = bundle["dsseEnvelope"]
    if not bundle["mediaType"].startswith(_BUNDLE) or envelope["payloadType"] != _IN_TOTO or not envelope["signatures"]:
        raise ValueError(bundle["mediaType"])
    payload = base64.b64decode(envelope["payload"], validate=True)
    statement = loads(payload, max_bytes=_LARGEST_STATEMENT, max_depth=8, what="The statement")
    (subject,), resources = statement["subject"], statement["predicate"]["resources"]
    if statement["predicateType"] != _PREDICATE or {each["algorithm"] for each in resources} != {"sha256"}:
        raise ValueError(statement["predicateType"])
    root = hashlib.sha256(b"".join(bytes.fromhex(each["digest"]) for each in resources)).hexdigest()
    if root != subject["digest"]["sha256"]:
        raise ValueError(root)
    return {str(each["name"]): str(each["digest"]) for each in resources}
