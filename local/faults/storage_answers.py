"""What Azure Storage answers in trouble: throttled, busy, failed, and a write of ours that it says was another's.

Forms: learn.microsoft.com/rest/api/storageservices/status-and-error-codes2; a batch answers 202 and tells inside.
"""

import json

from local.faults.calls import Fault
from local.faults.http_messages import Message

_TROUBLE = {
    Fault.THROTTLED: (429, "Too Many Requests", "TooManyRequests"),
    Fault.THROTTLED_UNTIL: (429, "Too Many Requests", "TooManyRequests"),
    Fault.FAILED: (500, "Internal Server Error", "InternalError"),
    Fault.BUSY: (503, "Service Unavailable", "ServerBusy"),
}
_CHANGED = (412, "Precondition Failed", "UpdateConditionNotSatisfied")
_EXISTS = (409, "Conflict", "EntityAlreadyExists")
_RETRY_AFTER_SECONDS = 1
_WRITES = frozenset({"PUT", "PATCH", "MERGE", "DELETE"})


def answer_to(fault: Fault, service: str) -> bytes:
    """The answer with which a service refuses to carry out a call."""
    status, reason, code = _TROUBLE[fault]
    retry = f"Retry-After: {_RETRY_AFTER_SECONDS}\r\n" if fault is Fault.THROTTLED_UNTIL else ""
    return _answer(status, reason, code, service, retry)


def refused_own_write(request: Message, answer: Message, service: str) -> bytes | None:
    """What is answered where a front end sent our write twice and we hear of the second time; None for other calls."""
    if service != "tables" or answer.status >= 300:
        return None
    if "$batch" in request.path:
        return _batch(*(_CHANGED if b"If-Match" in request.body else _EXISTS)) if _took(answer) else None
    if request.method in _WRITES and request.headers.get("if-match", "*") != "*":
        return _answer(*_CHANGED, service, "")
    creates = request.method == "POST" and not request.path.split("?")[0].endswith("/Tables")
    return _answer(*_EXISTS, service, "") if creates else None


def _took(answer: Message) -> bool:
    """Whether a batch was carried out: no part of it tells of an error."""
    return b"HTTP/1.1 4" not in answer.body and b"HTTP/1.1 5" not in answer.body


def _answer(status: int, reason: str, code: str, service: str, more: str) -> bytes:
    body, kind = _body(code, service)
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}x-ms-error-code: {code}\r\n{more}\r\n".encode() + body


def _body(code: str, service: str) -> tuple[bytes, str]:
    sentence = "The fault proxy answers in place of the service."
    if service == "tables":
        error = {"code": code, "message": {"lang": "en-US", "value": sentence}}
        return json.dumps({"odata.error": error}).encode(), "application/json"
    xml = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{sentence}</Message></Error>'
    return xml.encode(), "application/xml"


def _batch(status: int, reason: str, code: str) -> bytes:
    inner, kind = _body(code, "tables")
    part = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nx-ms-error-code: {code}\r\n\r\n".encode() + inner
    headers = b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    changes = b"--changesetresponse_1\r\n" + headers + part + b"\r\n--changesetresponse_1--\r\n"
    wrapped = b"--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n" + changes
    body = wrapped + b"\r\n--batchresponse_1--\r\n"
    head = "HTTP/1.1 202 Accepted\r\nContent-Type: multipart/mixed; boundary=batchresponse_1\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
