"""The policies of the demo: those of the project, with one exception that ends in a month, whatever day it is played."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

EXCEPTION = {
    "gate": "tag:camera",
    "owner": "quality-platform@contoso.com",
    "reason": "the cameras of the new hall have no number yet",
}
_LASTS = timedelta(days=30)


@contextmanager
def demo_policies(source: Path) -> Iterator[Path]:
    """A copy of a folder of policies in which `plant-vision-north` lets a version without a camera through for a month."""
    with TemporaryDirectory(prefix="clearance-policies-") as folder:
        copy = Path(shutil.copytree(source, Path(folder) / "policies"))
        policy = copy / "plant-vision-north.yaml"
        until = (datetime.now(UTC) + _LASTS).date()
        words = {**EXCEPTION, "models": '["defects-north-*"]', "until": until}
        lines = ["exceptions:", "  -", *(f"    {key}: {value}" for key, value in words.items())]
        policy.write_text(policy.read_text("utf-8") + "\n".join(lines) + "\n", "utf-8")
        yield copy
