"""Ports to Azure ML: the workspaces that are read, and the registries that are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.evidence import Job, ModelVersion, RegistryVersion, Run, RunFile, Series
from shared.domain.ids import PromotionId, Target
from shared.ports.page import Page


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as a listing of a workspace shows it."""

    promotion: PromotionId
    created_at: datetime


class ModelCatalog(Protocol):
    """The workspaces. Clearance reads them and writes nothing there (invariant 11)."""

    def read(self, promotion: PromotionId) -> ModelVersion | None:
        """Read one version whole; None where a reachable workspace answers that there is none."""

    def read_run(self, workspace: str, run: str) -> Run | None:
        """Read a run's status, last metric values, submitter and tags; None where there is no such run."""

    def read_series(self, workspace: str, run: str, metric: str) -> Series:
        """All values that a run logged of one metric; empty where there is no such run or metric."""

    def read_files(self, workspace: str, run: str, paths: Sequence[str]) -> Mapping[str, RunFile]:
        """Files among the artifacts of a run, by path, without those that are not there.

        The content of a file above `LARGEST_FILE` bytes is not read. Raises `Unreadable` where it cannot be told what
        is there, also because settings do not allow reading from the store.
        """

    def code_version(self, workspace: str, job: str) -> str | None:
        """The git commit that a job was submitted from, as `commit_of` reads it; None where it states none."""

    def job(self, workspace: str, job: str) -> Job | None:
        """The status and the submitter of a job; None where there is no such job."""

    def versions(self, workspace: str, cursor: str | None) -> Page[Listed]:
        """One page of all versions of all models of a workspace; a page costs a bounded number of calls."""

    def ping(self) -> None:
        """Read something small from every configured workspace."""


class Registry(Protocol):
    """The shared registries."""

    def read(self, target: Target) -> RegistryVersion | None:
        """Read a registry's version; None where the registry answers that there is none."""

    def share(self, promotion: PromotionId, target: Target) -> None:
        """Import the version; blocks until the service says it ended.

        Returning or raising proves nothing: every outcome is followed by `read` (R8.5). Raises `Refused` where the
        service refused for good, `Unreadable` where the outcome is not known.
        """

    def mark(self, target: Target, marker: Mapping[str, str]) -> None:
        """Write provenance tags on the registry's version in place of any under their prefix, keeping all others.

        An import may carry tags along: what somebody wrote in our name after the last look must not stay.

        Raises `Refused` where the service does not take tags for this version.
        """

    def ping(self) -> None:
        """Read something small from every configured registry."""
