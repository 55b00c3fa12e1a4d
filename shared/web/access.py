"""Who may call which route: one table, and the one guard that reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from shared.domain.ids import PromotionId
from shared.domain.people import People, Person
from shared.domain.states import Case
from shared.ports import Principal
from shared.web.problems import Refusal
from shared.web.site import AtSite, Site


class Role(StrEnum):
    """The app roles that Entra puts into a token."""

    READER = "Reader"
    SUBMITTER = "Submitter"
    APPROVER = "Approver"
    OPERATOR = "Operator"
    AUDITOR = "Auditor"


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Anybody may call it. `because` says why that gives nothing away."""

    because: str


@dataclass(frozen=True, slots=True)
class ForPeople:
    """Signed-in people with any of these roles; those in `own` for versions that they answer for, only."""

    roles: frozenset[Role]
    own: frozenset[Role] = frozenset()


Rule = Anonymous | ForPeople

READING = ForPeople(frozenset(Role))
_OPERATING = ForPeople(frozenset({Role.OPERATOR}))
_SUBMITTING = ForPeople(frozenset({Role.OPERATOR}), own=frozenset({Role.SUBMITTER}))

_ONE = "/api/promotions/{workspace}/{name}/{version}"

ACCESS: Mapping[tuple[str, str], Rule] = {
    ("POST", "/api/webhooks/decisions/{sender}"): Anonymous("the signature proves the sender, or it is a 401"),
    ("GET", "/api/promotions"): READING,
    ("GET", _ONE): READING,
    ("GET", f"{_ONE}/history"): READING,
    ("GET", f"{_ONE}/explanation"): READING,
    ("POST", f"{_ONE}/decisions"): ForPeople(frozenset({Role.APPROVER})),
    ("POST", f"{_ONE}/reevaluate"): _SUBMITTING,
    ("POST", f"{_ONE}/withdraw"): _SUBMITTING,
    ("POST", f"{_ONE}/give-up"): _SUBMITTING,
    ("POST", f"{_ONE}/targets/{{registry}}/retry"): _OPERATING,
    ("POST", f"{_ONE}/targets/{{registry}}/give-up"): _OPERATING,
    ("GET", "/api/history"): READING,
    ("GET", "/api/quarantine"): ForPeople(frozenset({Role.OPERATOR, Role.AUDITOR})),
    ("POST", "/api/quarantine/{id}/replay"): _OPERATING,
    ("GET", "/api/health"): Anonymous("it says which ports answer, and explains only to operators"),
    ("GET", "/api/openapi.json"): Anonymous("it is the same for everybody, and published"),
    ("GET", "/"): READING,
    ("GET", "/promotions/{workspace}/{name}/{version}"): READING,
    ("GET", "/history"): READING,
    ("GET", "/models/{name}"): READING,
    ("GET", "/static/{file}"): Anonymous("a stylesheet and a picture"),
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request. `person` is None for somebody whom the directory does not list.

    `workspaces` are those they may see; `only_own` is whether their roles reach their own versions alone.
    """

    principal: Principal
    person: Person | None
    workspaces: tuple[str, ...]
    only_own: bool = False

    def known(self) -> Person:
        """The person behind the request.

        Raises:
            Refusal: `unknown_person`.
        """
        if self.person is None:
            entry = f"tid: {self.principal.tid}, oid: {self.principal.oid}"
            said = f"Nobody in policies/directory/people.yaml has {entry}. Ask the platform team to add that entry."
            raise Refusal("unknown_person", said)
        return self.person

    def refuse_unseen(self, promotion: PromotionId) -> None:
        """What a person may not see does not exist for them.

        Raises:
            Refusal: `unknown_promotion`.
        """
        if promotion.workspace not in self.workspaces:
            raise Refusal("unknown_promotion", f"{promotion} is not known.")


def admit(request: Request, site: AtSite) -> Visitor | None:
    """Let a request through by the table; None for a route that anybody may call.

    Raises:
        NotAuthenticated: nobody has proven who sent it.
        Refusal: `no_role`, `cross_site`.
    """
    rule = ACCESS.get((request.method, request.scope["route"].path))
    if isinstance(rule, Anonymous):
        return None
    if rule is None:
        raise Refusal("no_role", "This route has no entry in the table of roles, so nobody may call it.")
    principal = identify(request, site)
    _refuse_cross_site(request, site.outside.base_url)
    held = {role for role in Role if role in principal.roles}
    if not held & (rule.roles | rule.own):
        needed = ", ".join(sorted(rule.roles | rule.own))
        raise Refusal("no_role", f"This needs one of the roles {needed}; your token carries {_list(principal.roles)}.")
    return visitor_of(site, principal, only_own=not held & rule.roles)


def signed_in(visitor: Annotated[Visitor | None, Depends(admit)]) -> Visitor:
    """The visitor of a route that is for people."""
    return cast("Visitor", visitor)


SignedIn = Annotated[Visitor, Depends(signed_in)]


def identify(request: Request, site: Site) -> Principal:
    """Who sent a request, by its tokens; raises `NotAuthenticated`."""
    return site.identity.verify(_joined(request, "authorization"), _joined(request, "x-ms-token-aad-id-token"))


def visitor_of(site: Site, principal: Principal, *, only_own: bool = False) -> Visitor:
    """Look a principal up in the directory."""
    person = site.outside.directory.people().by_object(principal.tid, principal.oid)
    return Visitor(principal, person, site.workspaces_of(person.groups if person else ()), only_own)


def refuse_others_version(visitor: Visitor, case: Case, people: People) -> None:
    """A submitter reaches versions that they registered, or that a service principal of theirs did.

    Raises:
        Refusal: `not_own_version`.
    """
    registrant = people.resolve(case.registrant) if case.registrant else None
    if registrant is None or visitor.known().id not in people.answerable(registrant):
        raise Refusal(
            "not_own_version",
            f"{case.id} was registered by {case.registrant or 'nobody named'}, and you do not answer for them. "
            "Ask them, or an operator.",
        )


def _joined(request: Request, name: str) -> str | None:
    return ", ".join(request.headers.getlist(name)) or None


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "none"


def _refuse_cross_site(request: Request, base_url: str) -> None:
    """A sign-in that the browser adds by itself proves who, not that they meant it; a bearer token proves both."""
    if request.method in {"GET", "HEAD"} or "authorization" in request.headers:
        return
    # A header that came twice is read whole: whoever looked at one value alone could be shown the wrong one.
    fetched_from = _joined(request, "sec-fetch-site")
    origin = _joined(request, "origin")
    same = fetched_from == "same-origin" if fetched_from is not None else _origin(base_url) == origin
    if not same:
        raise Refusal("cross_site", f"A signed-in browser may send this from {_origin(base_url)} only.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
