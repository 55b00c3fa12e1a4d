"""What the web app is built from: the ports, who may sign webhooks, and who may see which workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from shared.ports import Identity
from shared.workflow.outside import Outside


@dataclass(frozen=True, slots=True)
class Sender:
    """A tool that sends signed decisions.

    Attributes:
        keys: the live keys, decoded (see `signatures.decode_key`): one, or two while one replaces the other.
        people: the ids of the people it may speak for.
    """

    keys: tuple[bytes, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What an operator sets.

    Attributes:
        senders: by the name that stands in the webhook's path.
        readers: by workspace alias, the groups of people who may see it; a workspace that is not named, or named
            with no group, is seen by everybody who has a role.
        tolerance: how much older or newer than now a signature may be.
        sign_in_path: where a browser signs in, on this very site; None where there is no such place.
        promotes: whether this app also reads workspaces and imports into registries.
    """

    senders: Mapping[str, Sender] = field(default_factory=dict)
    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolerance: timedelta = timedelta(seconds=300)
    sign_in_path: str | None = None
    promotes: bool = True


@dataclass(frozen=True, slots=True)
class Site:
    """Everything a route reaches."""

    outside: Outside
    identity: Identity
    settings: WebSettings

    def workspaces_of(self, groups: tuple[str, ...]) -> tuple[str, ...]:
        """The aliases that a member of these groups may see, those no longer governed among them, sorted."""
        readers = self.settings.readers
        known = {*self.outside.workspaces, *readers}
        return tuple(sorted(alias for alias in known if not readers.get(alias) or set(readers[alias]) & set(groups)))


def site_of(request: Request) -> Site:
    """The site that serves this request."""
    return cast("Site", request.app.state.site)


AtSite = Annotated[Site, Depends(site_of)]
