"""Everything the rules refuse, and why.

ClearanceError                  carries `code` (stable, for machines) and a sentence a person can act on
├── InvalidId                   a name does not fit its grammar
├── CommandRefused              the rules say no to a command, in this state
├── DocumentInvalid             a document (message, policy, settings) has faults, all listed
├── NotAuthenticated            nobody has proven who sent a request
└── PortError                   the outside failed
    ├── Unreadable              could not be read or done now; tried again (timeout, 401, 403, 429, 5xx)
    │   └── NoToken             nobody was asked, for Entra gave no token
    └── Refused                 the outside said no for good (a 4xx that repeating cannot mend)
HistoryClash                    somebody appended first; decide again
"""

from collections.abc import Sequence


class ClearanceError(Exception):
    """Base of all errors a caller may show: `str(error)` is a sentence, `code` is stable."""

    code = "error"


class InvalidId(ClearanceError):
    """A name that does not fit its grammar."""

    code = "invalid_id"

    def __init__(self, part: str, text: str, expected: str) -> None:
        shown = text if len(text) <= 80 else f"{text[:80]}… ({len(text)} characters)"
        super().__init__(f"{shown!r} is no {part}: expected {expected}.")


class CommandRefused(ClearanceError):
    """The rules refuse a command. `code` names the rule; `facts` hold what a caller needs to go on."""

    def __init__(self, code: str, sentence: str, **facts: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.facts = facts


class DocumentInvalid(ClearanceError):
    """A document has faults. `faults` lists every one of them, each a sentence with its place."""

    code = "document_invalid"

    def __init__(self, what: str, faults: Sequence[str]) -> None:
        super().__init__(f"{what} is not valid: " + " ".join(faults))
        self.what = what
        self.faults = tuple(faults)


class PortError(ClearanceError):
    """Something outside failed. `retry_after` is in seconds, where the outside named a time."""

    def __init__(self, code: str, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.retry_after = retry_after


class Unreadable(PortError):
    """Could not be read or done now: the same call may go through later, so nothing is concluded from it."""


class NoToken(Unreadable):
    """There is no token to ask with: nobody is signed in, or the identity is not there."""


class Refused(PortError):
    """The outside answered no, and asking again will not change it."""


class HistoryClash(ClearanceError):
    """Another writer appended at this sequence first, or the answer was lost: load and decide again."""

    code = "history_clash"


class NotAuthenticated(ClearanceError):
    """A request does not prove who sent it. `code` says what is wrong with its token; the sentence never quotes it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
