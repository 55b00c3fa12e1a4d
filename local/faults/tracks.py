"""Two tracks side by side: sections that mostly wait, on real parts, and sections that mostly reckon.

One after the other they would leave a core idle half of the time. Each track is a process, so that forks, environment
and threads of one do not meet those of the other. Of those that reckon, the sections that use both cores come last: by
then nobody else may be left to use one.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from local.faults.options import Figures
from local.parent_death import die_with_parent

_WAITING = ("crash", "storage", "azure_ml", "two_processes", "controls")


def in_tracks(sections: Sequence[str], seed: int, *, short: bool) -> dict[str, Figures]:
    """Run the sections in two processes that print their progress here; a track that dies leaves its figures out."""
    tracks = [[name for name in sections if (name in _WAITING) is waiting] for waiting in (True, False)]
    with tempfile.TemporaryDirectory(prefix="faults-tracks-") as folder:
        files = [Path(folder) / f"{number}.json" for number in range(len(tracks))]
        running = [_start(track, file, seed, short=short) for track, file in zip(tracks, files, strict=True) if track]
        for process in running:
            process.wait()
        return {name: counted for file in files if file.exists() for name, counted in _read(file).items()}


def _start(track: Sequence[str], file: Path, seed: int, *, short: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local.faults", "--only", ",".join(track), "--figures", str(file)]
    command += ["--seed", str(seed), *(["--short"] if short else [])]
    return subprocess.Popen(command, preexec_fn=die_with_parent())  # noqa: PLW1509 - one prctl call, taking no lock


def _read(file: Path) -> dict[str, Figures]:
    found: dict[str, Figures] = json.loads(file.read_text("utf-8"))
    return found
