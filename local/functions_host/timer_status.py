"""The timer monitor: when each timer last ran and is due next, in a blob, so that a run missed while down is noticed.

Timers: Scheduling/StorageScheduleMonitor.cs and ScheduleMonitor.cs.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

_CONTAINER = "azure-webjobs-hosts"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TimerStatus:
    """What is kept of a timer; local times without zone, None for never."""

    last: datetime | None
    next: datetime | None
    last_updated: datetime | None

    def as_json(self) -> dict[str, str | None]:
        """The form of the blob, and of ScheduleStatus in a timer request."""
        return {"Last": _text(self.last), "Next": _text(self.next), "LastUpdated": _text(self.last_updated)}


class TimerMonitor:
    """Reads and writes the status of timers. Storage that fails costs the memory of missed runs, not the timer.

    Args:
        blobs: where AzureWebJobsStorage is.
        host_id: keeps hosts of one account apart.
    """

    def __init__(self, blobs: BlobServiceClient, host_id: str) -> None:
        self._blobs = blobs
        self._host_id = host_id

    def read(self, function: str) -> TimerStatus | None:
        """The status kept; None if there is none. Blocks."""
        try:
            kept = json.loads(self._blobs.get_blob_client(_CONTAINER, self._path(function)).download_blob().readall())
            return TimerStatus(*(_moment(kept.get(name)) for name in ("Last", "Next", "LastUpdated")))
        except ResourceNotFoundError:
            return None
        except (AzureError, ValueError, AttributeError) as error:
            _log.warning("%s: its timer status cannot be read: %s", function, type(error).__name__)
            return None

    def write(self, function: str, status: TimerStatus) -> None:
        """Keep a status. Blocks."""
        text = json.dumps(status.as_json())
        try:
            try:
                self._upload(function, text)
            except ResourceNotFoundError:
                self._create_container()
                self._upload(function, text)
        except AzureError as error:
            _log.warning("%s: its timer status cannot be written: %s", function, type(error).__name__)

    def close(self) -> None:
        """Close the client."""
        self._blobs.close()

    def _upload(self, function: str, text: str) -> None:
        self._blobs.get_blob_client(_CONTAINER, self._path(function)).upload_blob(text, overwrite=True)

    def _create_container(self) -> None:
        try:
            self._blobs.create_container(_CONTAINER).close()
        except ResourceExistsError:
            return

    def _path(self, function: str) -> str:
        return f"timers/{self._host_id}/Host.Functions.{function}/status"


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
