"""A worker that is killed forgets nothing: the worklist was written before the history (R6, invariant 1)."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from local.azurite import RunningAzurite
from tests.contract.stores import AT, FRAUD, on_storage, unique_prefix

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("moment", "sequence"), [("touched", 0), ("appended", 1)])
def test_a_killed_writer_leaves_its_promotion_due(azurite: RunningAzurite, moment: str, sequence: int) -> None:
    prefix = unique_prefix()
    command = [sys.executable, "-m", "tests.contract.killed_writer", azurite.connection_string, prefix, moment]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == moment
        worker.kill()
        worker.wait(timeout=10)
    stores = on_storage(azurite.connection_string, prefix)
    assert [work.promotion for work in stores.worklist.due(AT + timedelta(minutes=2), 10)] == [FRAUD]
    assert stores.histories.load(FRAUD).sequence == sequence
