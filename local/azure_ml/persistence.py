"""State on disk, so that a restarted emulator goes on where it was.

A change is written within half a second by a thread of its own and when the emulator stops; a killed process may lose
that last half second, which is said here because the real service would not.
"""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from local.azure_ml.config import ConfigError, list_faults
from local.azure_ml.state import State

WRITE_EVERY_SECONDS = 0.5
_STATE: TypeAdapter[State] = TypeAdapter(State)


def load_state(path: Path) -> State:
    """Read the state of an earlier run, or return an empty one.

    Raises:
        ConfigError: the file is there but cannot be understood.
    """
    try:
        return _STATE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return State()
    except ValidationError as error:
        raise ConfigError(
            f"{path} is no state of this emulator; delete it or use another --dir\n{list_faults(error)}"
        ) from error


def _replace(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(path)


@dataclass(slots=True)
class StateWriter:
    """Writes the state soon after it was marked dirty. ``path`` of ``None`` keeps nothing."""

    state: State
    lock: threading.RLock
    path: Path | None
    _dirty: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch for changes."""
        if self.path is not None:
            self._thread = threading.Thread(target=self._watch, name="emulator-state", daemon=True)
            self._thread.start()

    def mark_dirty(self) -> None:
        """Say that something changed."""
        self._dirty.set()

    def stop(self) -> None:
        """Write what is still unwritten and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._write_if_dirty()

    def _watch(self) -> None:
        while not self._stop.wait(WRITE_EVERY_SECONDS):
            self._write_if_dirty()

    def _write_if_dirty(self) -> None:
        if self.path is None or not self._dirty.is_set():
            return
        self._dirty.clear()
        with self.lock:
            content = _STATE.dump_json(self.state)
        _replace(self.path, content)
