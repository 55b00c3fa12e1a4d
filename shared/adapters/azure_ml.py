"""The only place that knows azure-ai-ml: imported on first use, a fresh client for every call.

Its import costs 4 CPU seconds. Its `models.share` is not used: it makes a registry client of its own, to which no policy
can be given, so that our token would go wherever an answer points (docs/decisions/0003). The same requests are sent here
by a client that is made for the registry with our guard on it.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy

from shared.adapters.azure_errors import port_error, shown, translated
from shared.adapters.azure_ml_http import CONFUSED, HostGuard, not_understood, retry_options, transport_for
from shared.adapters.azure_ml_settings import AzureMLSettings
from shared.domain.errors import PortError, Refused, Unreadable
from shared.domain.ids import PromotionId, Target

# Codes of a failed import that asking again cannot mend; all others may be the service's own trouble.
_FINAL_CODES = frozenset(
    {"UserError", "Conflict", "AssetVersionAlreadyExists", "BadRequest", "BadArgument", "ValidationError"}
)


@dataclass(frozen=True, slots=True)
class Linked:
    """One page as the client gives it, with the link to the next."""

    items: tuple[Any, ...]
    link: str | None


class AzureMLModels:
    """Models of workspaces, through azure-ai-ml."""

    def __init__(
        self,
        settings: AzureMLSettings,
        credential: TokenCredential,
        policies: Sequence[SansIOHTTPPolicy[Any, Any]] = (),
    ) -> None:
        self._settings = settings
        self._credential = credential
        self._policies = tuple(policies)

    def get(self, promotion: PromotionId) -> Any | None:
        """One call: the `azure.ai.ml.entities.Model`, or None where the answer was 404."""
        what = f"Reading {promotion}"
        with _understood(what), translated("azure_ml", what), self._client(promotion.workspace) as client:
            try:
                return client.models.get(promotion.name, promotion.version)
            except ResourceNotFoundError:
                return None

    def names(self, workspace: str, link: str | None) -> Linked:
        """One call: a page of the models that are not archived, as containers that have a name."""
        what = f"Listing the models of {workspace}"
        with _understood(what), translated("azure_ml", what), self._client(workspace) as client:
            return _page(client.models.list(), link)

    def versions(self, workspace: str, name: str, link: str | None) -> Linked:
        """One call: a page of the versions of a model, newest first; empty where the model went meanwhile."""
        what = f"Listing the versions of {name} in {workspace}"
        with _understood(what), translated("azure_ml", what), self._client(workspace) as client:
            try:
                return _page(client.models.list(name=name), link)
            except ResourceNotFoundError:
                return Linked((), None)

    def share(self, promotion: PromotionId, target: Target) -> None:
        """Import a version; blocks until the service says it ended. See `Registry.share` in shared/ports."""
        from azure.ai.ml.exceptions import MlException

        what = f"Importing {promotion} as {target}"
        try:
            self._import(promotion, target)
        except HttpResponseError as error:
            raise _import_error(what, error) from None
        except MlException as error:
            raise _ml_error(what, error) from error
        except CONFUSED as error:  # also where a good import ends in the client's upload path (`final body`)
            raise _outcome_unknown(what, type(error).__name__) from error
        except (AzureError, OSError) as error:  # azure-core leaves some broken connections as they are
            raise _outcome_unknown(what, type(error).__name__) from error

    def _import(self, promotion: PromotionId, target: Target) -> None:
        from azure.ai.ml.entities import WorkspaceModelReference

        with self._client(promotion.workspace) as client:
            source = _asset_id(client.workspaces.get(), promotion)
        # Its own repeats: an import that is under way is not given up for one answer of 429 or 5xx to a poll.
        with self._made({}, registry_name=target.registry) as registry:
            wanted = WorkspaceModelReference(name=target.name, version=target.version, asset_id=source)
            registry.models.create_or_update(wanted)

    @contextmanager
    def _client(self, alias: str) -> Iterator[Any]:
        place = self._settings.workspace(alias)
        names = {"subscription_id": place.subscription_id, "resource_group_name": place.resource_group}
        with self._made(retry_options(), **names, workspace_name=place.name) as client:
            yield client

    @contextmanager
    def _made(self, repeats: dict[str, Any], **of: str) -> Iterator[Any]:
        from azure.ai.ml import MLClient

        cloud = self._settings.cloud
        with transport_for(self._settings.timeout) as transport:
            client = MLClient(
                self._credential,
                **of,
                cloud=cloud.name,
                cloud_metadata=cloud.metadata,
                enable_telemetry=False,
                show_progress=False,
                transport=transport,
                per_retry_policies=[HostGuard(self._settings.token_hosts), *self._policies],
                **repeats,
            )
            _forget_null_handlers()
            yield client


def _page(listing: Any, link: str | None) -> Linked:
    pages = listing.by_page(continuation_token=link)
    items = tuple(next(pages, ()))
    return Linked(items, pages.continuation_token or None)


def _asset_id(workspace: Any, promotion: PromotionId) -> str:
    """How an import names its source: by region and GUID of the workspace (azure-ai-ml, constants/_common.py)."""
    guid = workspace._workspace_id  # noqa: SLF001 - no public name for it, and `models.share` needs it too
    place = f"azureml://locations/{workspace.location}/workspaces/{guid}"
    return f"{place}/models/{promotion.name}/versions/{promotion.version}"


def created_at(model: Any) -> datetime:
    """When a version was registered, in UTC.

    Raises:
        Unreadable: the answer does not say.
    """
    stamp = getattr(model.creation_context, "created_at", None)
    if not isinstance(stamp, datetime):
        raise not_understood(f"Reading {model.name}:{model.version}", "its systemData has no createdAt")
    return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)


@contextmanager
def _understood(what: str) -> Iterator[None]:
    """Turn the client's stumbling over an answer into `Unreadable`."""
    try:
        yield
    except CONFUSED as error:
        raise not_understood(what, f"azure-ai-ml could not read the answer ({type(error).__name__})") from error


def _import_error(what: str, error: HttpResponseError) -> PortError:
    code = str(getattr(error.error, "code", None) or "")
    if error.status_code == 409 or _says_taken(error):
        return _taken(what)
    if error.status_code == 200:  # an accepted import that ended as Failed
        kind = Refused if code in _FINAL_CODES else Unreadable
        return kind("azure_ml_import_failed", f"{what}: it failed with {code or 'no code'} ({shown(error.message)}).")
    if error.status_code == 404:  # of the source, or of a registry that has no model of this name yet
        return _outcome_unknown(what, "404")
    return port_error("azure_ml", what, error, may_refuse=True)


def _ml_error(what: str, error: Exception) -> PortError:
    from azure.ai.ml.exceptions import ValidationException

    if isinstance(error, ValidationException):
        return _taken(what) if _says_taken(error) else Refused("azure_ml_refused", f"{what}: {shown(str(error))}")
    return _outcome_unknown(what, type(error).__name__)


def _says_taken(error: Exception) -> bool:
    return "already exists" in str(error)


def _taken(what: str) -> Refused:
    return Refused("azure_ml_exists", f"{what}: the registry holds this name and version already; nothing is replaced.")


def _outcome_unknown(what: str, sign: str) -> Unreadable:
    return Unreadable(
        "azure_ml_outcome_unknown", f"{what}: whether it went through is not known ({sign}); the registry is read back."
    )


def _forget_null_handlers() -> None:
    """Each client leaves one more NullHandler on this logger; a process that lives for weeks would drag them along."""
    logger = logging.getLogger("azure.ai.ml._telemetry")
    for extra in [each for each in logger.handlers if isinstance(each, logging.NullHandler)][1:]:
        logger.removeHandler(extra)
