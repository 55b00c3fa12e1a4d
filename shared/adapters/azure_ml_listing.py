"""All versions of all models of a workspace, in pages of a bounded number of calls that one cursor strings together."""

import json
import logging
from dataclasses import dataclass
from typing import Any, Protocol

from shared.adapters.azure_ml import Linked, created_at
from shared.domain.errors import DocumentInvalid, InvalidId
from shared.domain.ids import PromotionId
from shared.ports import Listed, Page

MODELS_PER_PAGE = 4
CALLS_PER_PAGE = 1 + MODELS_PER_PAGE

_log = logging.getLogger(__name__)


class Models(Protocol):
    """What is listed; `AzureMLModels` is one."""

    def names(self, workspace: str, link: str | None) -> Linked:
        """A page of models."""

    def versions(self, workspace: str, name: str, link: str | None) -> Linked:
        """A page of versions of a model."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing stands: the page of models, the last one done there, and the page of versions of the next."""

    page: str | None = None
    after: str | None = None
    versions: str | None = None

    def as_cursor(self) -> str:
        return json.dumps([self.page, self.after, self.versions])

    @classmethod
    def of_cursor(cls, cursor: str | None) -> "_Place":
        if not cursor:
            return cls()
        try:
            page, after, versions = json.loads(cursor)
        except (ValueError, TypeError) as error:
            raise DocumentInvalid(
                "The cursor", ["It was not made by this listing: start again without one."]
            ) from error
        return cls(page, after, versions)


def listed_page(models: Models, workspace: str, cursor: str | None) -> Page[Listed]:
    """List up to `MODELS_PER_PAGE` models, or pages of their versions, from where `cursor` stands.

    The page of models is read anew each time, so that a cursor stays small and models that come or go meanwhile shift
    nothing: names are taken up after the last one done, or from the top of the page where that one is gone.
    """
    place = _Place.of_cursor(cursor)
    names = models.names(workspace, place.page)
    waiting = _after([str(model.name) for model in names.items], place.after)
    found: list[Listed] = []
    link, done = place.versions, place.after
    for _ in range(MODELS_PER_PAGE):
        if not waiting:
            break
        versions = models.versions(workspace, waiting[0], link)
        found += _listed(workspace, waiting[0], versions)
        link = versions.link
        if link is None:
            done = waiting.pop(0)
    return Page(tuple(found), _next(place, names.link, waiting, done, link))


def _next(place: _Place, following: str | None, waiting: list[str], done: str | None, link: str | None) -> str | None:
    if waiting:
        return _Place(place.page, done, link).as_cursor()
    return _Place(following).as_cursor() if following else None


def _after(names: list[str], last: str | None) -> list[str]:
    return names[names.index(last) + 1 :] if last in names else names


def _listed(workspace: str, name: str, versions: Linked) -> list[Listed]:
    found = (_one(workspace, name, model) for model in versions.items)
    return [listed for listed in found if listed]


def _one(workspace: str, name: str, model: Any) -> Listed | None:
    try:
        return Listed(PromotionId(workspace, name, str(model.version)), created_at(model))
    except InvalidId as error:
        _log.warning("a registered version is left out of the listing of %s: %s", workspace, error)
        return None
