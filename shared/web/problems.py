"""Every answer that is no success, as RFC 9457 problem details: one code, one status, one sentence to act on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi.responses import JSONResponse

from shared.domain.errors import (
    ClearanceError,
    CommandRefused,
    DocumentInvalid,
    HistoryClash,
    InvalidId,
    NotAuthenticated,
    PortError,
    Unreadable,
)
from shared.web.schemas import Problem

MEDIA_TYPE = "application/problem+json"

# code -> (status, title). The codes are part of the API; docs/api.md says of each when it comes.
CODES: Mapping[str, tuple[int, str]] = {
    "path_not_normal": (400, "The path is not in normal form"),
    "malformed_request": (400, "The request is malformed"),
    "not_authenticated": (401, "Nobody has proven who sent this"),
    "signature_not_accepted": (401, "The signature is not accepted"),
    "no_role": (403, "Your roles do not allow this"),
    "not_own_version": (403, "Not your version"),
    "cross_site": (403, "The request came from another site"),
    "unknown_person": (403, "Nobody in the directory"),
    "not_a_person": (403, "Only people decide"),
    "sender_not_allowed": (403, "The sender may not speak for this person"),
    "self_approval": (403, "Nobody decides on their own version"),
    "not_in_group": (403, "Not in a group that decides here"),
    "no_such_route": (404, "Nothing is here"),
    "unknown_promotion": (404, "No such promotion"),
    "unknown_round": (404, "No such round"),
    "unknown_target": (404, "No such target"),
    "unknown_quarantined": (404, "Nothing is quarantined under this id"),
    "method_not_allowed": (405, "This method is not offered here"),
    "not_awaiting_approval": (409, "Nobody is asked to decide"),
    "stale_evaluation": (409, "It has been evaluated anew"),
    "expired": (409, "The time to answer is over"),
    "settled": (409, "Already settled"),
    "given_up": (409, "Every target was given up"),
    "target_promoted": (409, "The target holds the version already"),
    "target_importing": (409, "The target is being imported"),
    "target_left_out": (409, "The version was approved without this target"),
    "target_given_up": (409, "The target was given up already"),
    "not_promoting": (409, "The target is not to be imported now"),
    "window_closed": (409, "The change window is closed"),
    "reread_too_old": (409, "It must be read again first"),
    "replay_mismatch": (409, "The same webhook id with another body"),
    "body_too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "The body must be JSON"),
    "invalid_body": (422, "The body has faults"),
    "invalid_query": (422, "The query has faults"),
    "invalid_cursor": (422, "The cursor is not of this listing"),
    "invalid_id": (422, "A name does not fit its grammar"),
    "not_waiting": (409, "Nothing is waited for"),
    "release_record_missing": (422, "The release record is not complete"),
    "release_record_contradictory": (409, "The release record contradicts itself"),
    "still_invalid": (422, "The message still has faults"),
    "not_correctable": (422, "This message is replayed as it is"),
    "unexpected": (500, "Something unexpected broke"),
    "outside_refused": (502, "A service behind Clearance refused"),
    "unreadable": (503, "A service behind Clearance cannot be reached now"),
    "history_clash": (503, "Too many wrote at once"),
    "configuration_invalid": (503, "What this deployment reads has faults"),
}

# Members of a problem that a fact of the same name must not replace.
_FACT_NAMES = {"status": "promotion_status"}


class Refusal(Exception):
    """An answer that is no success, raised where a route or its guard finds it."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.headers = dict(headers or {})
        self.more = more


@dataclass(frozen=True, slots=True)
class Answer:
    """A problem ready to be sent."""

    problem: Problem
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Its JSON."""
        return self.problem.model_dump_json(exclude_none=True)

    def response(self) -> JSONResponse:
        """Its response."""
        content = self.problem.model_dump(exclude_none=True)
        return JSONResponse(content, self.problem.status, dict(self.headers), MEDIA_TYPE)


def problem(code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
    """A problem of a known code; `more` are extension members."""
    status, title = CODES.get(code, (409, "The rules refuse this"))
    type_ = f"urn:clearance:problem:{code}"
    return Answer(Problem(type=type_, title=title, status=status, detail=detail, code=code, **more), headers or {})


def problem_of(error: ClearanceError | Refusal) -> Answer:  # noqa: PLR0911 - one line a kind of error
    """What an error is answered with."""
    match error:
        case Refusal():
            return problem(error.code, str(error), error.headers, **error.more)
        case CommandRefused():
            facts = {_FACT_NAMES.get(name, name): value for name, value in error.facts.items()}
            return problem(error.code, str(error), None, **facts)
        case NotAuthenticated():
            return problem("not_authenticated", str(error), {"WWW-Authenticate": "Bearer"}, reason=error.code)
        case InvalidId():
            return problem("invalid_id", str(error))
        case HistoryClash():
            return problem("history_clash", f"{error} Send the same request again.", {"Retry-After": "1"})
        case PortError():
            code = "unreadable" if isinstance(error, Unreadable) else "outside_refused"
            return problem(code, str(error), _retry(error), reason=error.code)
        case DocumentInvalid():
            said = f"{error.what} has faults that an operator must mend: {' '.join(error.faults)}"
            return problem("configuration_invalid", said, {"Retry-After": "60"})
        case _:
            return problem("unexpected", str(error))


def _retry(error: PortError) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(error.retry_after or 5)))} if isinstance(error, Unreadable) else {}


def responses(codes: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """The problem responses of a route for its OpenAPI entry, by status."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(CODES[code][0], []).append(code)
    return {
        status: {"description": _described(found), "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
        for status, found in sorted(by_status.items())
    }


_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def _described(codes: Iterable[str]) -> str:
    return "; ".join(f"`{code}`: {CODES[code][1]}" for code in codes)
