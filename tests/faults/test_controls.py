"""Sections on real parts count what goes wrong where a guard is off; `make faults` tries each of them."""

from pathlib import Path

from local.faults.controls import CONTROLS, run
from local.faults.options import Options
from local.mutants.guards import guard

_QUICK = next(number for number, control in enumerate(CONTROLS) if control.section == "azure_ml")


def test_a_section_sees_that_its_guard_is_gone() -> None:
    said: list[str] = []
    assert run(Options(seed=_QUICK, short=True, say=said.append)) == {"guards": 1, "caught": 1}, said


def test_every_section_on_real_parts_has_a_control() -> None:
    assert {control.section for control in CONTROLS} == {"crash", "storage", "azure_ml", "two_processes"}
    assert all(Path(guard(control.guard).file).exists() for control in CONTROLS)
