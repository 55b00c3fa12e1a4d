"""Who sent a request."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a token that the app verified speaks of.

    `tid` and `oid` are Entra's tenant and object id, in lower case; `roles` the app roles the token carries, sorted.
    `application` is whether the token speaks of a workload instead of a person.
    """

    tid: str
    oid: str
    name: str
    roles: tuple[str, ...]
    username: str | None = None
    application: bool = False


class Identity(Protocol):
    """Who sent a request, by tokens alone: no header but a signed token proves anything."""

    def verify(self, authorization: str | None, forwarded: str | None) -> Principal:
        """Verify the `Authorization` header, or the ID token that App Service forwards (`X-MS-TOKEN-AAD-ID-TOKEN`).

        A header that came more than once is handed over with its values joined by commas, as HTTP joins them.

        Raises:
            NotAuthenticated: no token, one that does not hold, or two that disagree.
            Unreadable: the issuer's keys cannot be had now.
        """

    def ping(self) -> None:
        """Check that the issuer's keys can be had."""
