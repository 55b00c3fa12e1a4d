"""The port ModelCatalog on Azure ML workspaces; docs/azure-ml-calls.md counts what each method costs."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline.policies import SansIOHTTPPolicy

from shared.adapters.azure_ml import AzureMLModels, created_at
from shared.adapters.azure_ml_artifacts import AzureMLArtifacts
from shared.adapters.azure_ml_http import AzureMLHttp, understood
from shared.adapters.azure_ml_listing import listed_page
from shared.adapters.azure_ml_runs import AzureMLRuns, is_run_id, read_workspace
from shared.adapters.azure_ml_settings import AzureMLSettings
from shared.domain.errors import Unreadable
from shared.domain.evidence import Job, ModelVersion, Run, RunFile, Series
from shared.domain.ids import Incarnation, PromotionId
from shared.domain.well_formed import well_formed
from shared.ports import Listed, Page

# Where models logged by a run lie; azureml-mlflow keeps it in properties, every model in its URI.
_RUN_FOLDER = re.compile(r"ExperimentRun/dcid\.([A-Za-z0-9][A-Za-z0-9_.-]{0,254})(?:/|$)")


class AzureMLCatalog:
    """ModelCatalog. Safe to share between threads; writes nothing.

    Args:
        settings: workspaces and hosts.
        credential: for tokens of the management and the ML audience.
        policies: azure-core policies that see every attempt, for example a counter of round trips.
    """

    def __init__(
        self,
        settings: AzureMLSettings,
        credential: TokenCredential,
        policies: Sequence[SansIOHTTPPolicy[Any, Any]] = (),
    ) -> None:
        self._settings = settings
        self._http = AzureMLHttp(settings, credential, policies)
        self._models = AzureMLModels(settings, credential, policies)
        self._runs = AzureMLRuns(settings, self._http)
        self._artifacts = AzureMLArtifacts(settings, self._http, policies)

    def read(self, promotion: PromotionId) -> ModelVersion | None:
        """Read one version whole; None where a reachable workspace answers that there is none.

        Raises:
            Unreadable: it, or its files where settings allow listing them, cannot be read now.
        """
        model = self._models.get(promotion)
        if model is None:
            read_workspace(self._http, self._settings, promotion.workspace)  # a 404 of the workspace raises
            return None
        with understood(f"Reading {promotion}"):
            return well_formed(
                _version(model, self._artifacts.of_workspace(promotion.workspace, str(model.path or "")))
            )

    def read_run(self, workspace: str, run: str) -> Run | None:
        """Read a run's status, last metric values, submitter and tags; None where there is no such run."""
        return self._runs.read(workspace, run)

    def read_series(self, workspace: str, run: str, metric: str) -> Series:
        """All values that a run logged of one metric; empty where there is no such run or metric."""
        return self._runs.series(workspace, run, metric)

    def read_files(self, workspace: str, run: str, paths: Sequence[str]) -> Mapping[str, RunFile]:
        """Files among the artifacts of a run, by path, without those that are not there; see the port."""
        return self._artifacts.of_run(workspace, run, paths) if is_run_id(run) else {}

    def code_version(self, workspace: str, job: str) -> str | None:
        """The git commit that a job was submitted from; None where it states none, or where there is no such job."""
        return self._runs.code_version(workspace, job)

    def job(self, workspace: str, job: str) -> Job | None:
        """The status of a job, in Azure ML's words, and its submitter; None where there is no such job."""
        return self._runs.job(workspace, job)

    def versions(self, workspace: str, cursor: str | None) -> Page[Listed]:
        """One page of all versions of all models that are not archived; at most `CALLS_PER_PAGE` calls."""
        return listed_page(self._models, workspace, cursor)

    def ping(self) -> None:
        """Read every configured workspace, one call each; raises one error that names all that failed."""
        each_answers(self._settings.workspaces, lambda alias: read_workspace(self._http, self._settings, alias))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def each_answers(names: Iterable[str], read: Callable[[str], object]) -> None:
    """Read each; raises the first error's code with the sentences of all."""
    failed: list[Unreadable] = []
    for name in names:
        try:
            read(name)
        except Unreadable as error:
            failed.append(error)
    if failed:
        raise Unreadable(failed[0].code, " ".join(map(str, failed)), failed[0].retry_after)


def _version(model: Any, artifacts: Any) -> ModelVersion:
    properties = _texts(model.properties)
    return ModelVersion(
        incarnation=Incarnation(str(model.id), created_at(model)),
        registrant=model.creation_context.created_by or None,
        tags=_texts(model.tags),
        properties=properties,
        job=model.job_name or _run_of((*properties.values(), str(model.path or ""))),
        asset_type=str(model.type),
        flavors=tuple(sorted(model.flavors or ())),
        artifacts=artifacts,
    )


def _texts(mapping: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(key): "" if value is None else str(value) for key, value in (mapping or {}).items()}


def _run_of(places: Iterable[str]) -> str | None:
    found = (_RUN_FOLDER.search(place) for place in places)
    return next((match[1] for match in found if match), None)
