"""What went wrong in an Azure client, as the two kinds of trouble that use cases know."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ResourceNotFoundError,
)

from shared.domain.errors import NoToken, PortError, Refused, Unreadable
from shared.domain.redacted import redacted

LONGEST_WAIT = 86_400
"""Seconds: a service that asks for more is asked again after a day, for whoever answers so may be broken."""

_LONGEST_QUOTE = 300
_SUFFIXES = {401: "unauthorized", 403: "forbidden", 404: "not_found", 408: "timeout", 429: "throttled"}
_ADVICE = {
    401: " Its token was not accepted: check the identity the app runs as.",
    403: " The app's identity lacks a role there; a new role assignment may take an hour to count.",
    429: " It asks for fewer calls for a while.",
}


@contextmanager
def translated(service: str, what: str, *, may_refuse: bool = False) -> Iterator[None]:
    """Turn whatever an Azure client raises in the block into a `PortError`.

    Args:
        service: begins the error's code, for example `azure_ml`.
        what: what was being done, as the beginning of a sentence.
        may_refuse: whether a 4xx that repeating cannot mend is `Refused`; reads leave everything `Unreadable`.
    """
    try:
        yield
    except (AzureError, OSError) as error:  # azure-core leaves some broken connections as they are
        # From None: the cause's text may hold a URL with its signature, and would be logged with the traceback.
        raise port_error(service, what, error, may_refuse=may_refuse) from None


def port_error(service: str, what: str, error: Exception, *, may_refuse: bool = False) -> PortError:
    """The `PortError` for an exception of azure-core, or of the transport below it."""
    cut_short = isinstance(error, DecodeError)  # a success whose body broke off is none
    if isinstance(error, HttpResponseError) and error.status_code and not cut_short:
        headers = {key.lower(): value for key, value in dict(getattr(error.response, "headers", {})).items()}
        said = f"{_code(error)} {_message(error)}".strip()
        return by_status(service, what, error.status_code, said, seconds_to_wait(headers), may_refuse=may_refuse)
    if isinstance(error, ResourceNotFoundError):  # azure-eventgrid makes its own, without the answer
        return by_status(service, what, 404)
    if isinstance(error, ClientAuthenticationError):
        return NoToken(f"{service}_unauthorized", f"{what}: no token could be had for it ({shown(str(error))}).")
    return Unreadable(f"{service}_unreachable", f"{what}: no answer came ({type(error).__name__}).")


def by_status(
    service: str, what: str, status: int, said: str = "", retry_after: float | None = None, *, may_refuse: bool = False
) -> PortError:
    """The `PortError` for an HTTP status other than success."""
    sentence = f"{what}: the service answered {status}{f' ({shown(said)})' if said else ''}.{_ADVICE.get(status, '')}"
    if status in _SUFFIXES:
        return Unreadable(f"{service}_{_SUFFIXES[status]}", sentence, retry_after)
    if 400 <= status < 500 and may_refuse:
        return Refused(f"{service}_refused", sentence, retry_after)
    suffix = "unavailable" if status >= 500 else "redirected" if 300 <= status < 400 else "unclear"
    return Unreadable(f"{service}_{suffix}", sentence, retry_after)


def seconds_to_wait(headers: dict[str, str]) -> float | None:
    """Seconds that `Retry-After` (seconds or a date) or `x-ms-retry-after-ms` ask for, at most `LONGEST_WAIT`.

    Keys are in lower case.
    """
    asked = _asked(headers)
    return None if asked is None else min(asked, LONGEST_WAIT)


def _asked(headers: dict[str, str]) -> float | None:
    for key in ("retry-after-ms", "x-ms-retry-after-ms"):
        if (milliseconds := _seconds(headers.get(key, ""))) is not None:
            return milliseconds / 1000
    after = headers.get("retry-after", "")
    return _until(after) if (seconds := _seconds(after)) is None else seconds


def shown(text: str) -> str:
    """One line of a service's own words, without secrets, at most 300 characters."""
    return " ".join(redacted(text).split())[:_LONGEST_QUOTE]


def _seconds(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text.strip()) else None


def _until(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _code(error: HttpResponseError) -> str:
    return str(getattr(error.error, "code", None) or "")


def _message(error: HttpResponseError) -> str:
    return str(getattr(error.error, "message", None) or "")
