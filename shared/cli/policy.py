"""`clearance policy check`: read a folder of policies and run their cases, with no app and no network."""

from pathlib import Path
from typing import Any

from shared import bootstrap
from shared.cli.output import line, paragraph


def check_folder(folder: Path) -> dict[str, Any]:
    """Run every case; `ok` is whether all of them held.

    Raises:
        DocumentInvalid: a policy, the directory or a file of cases has faults; all of them.
    """
    results = bootstrap.check_policies(folder)
    cases = [
        {"policy": each.policy, "case": each.case, "place": each.place, "ok": each.ok, "faults": list(each.faults)}
        for each in results
    ]
    return {"ok": all(each.ok for each in results), "cases": cases}


def show_cases(checked: dict[str, Any]) -> None:
    """One line a case, and under it what came out otherwise."""
    for case in checked["cases"]:
        line(f"{'ok    ' if case['ok'] else 'FAULT '} {case['policy']}: {case['case']}  ({case['place']})")
        for fault in case["faults"]:
            paragraph(fault, " " * 8)
    failed = sum(not case["ok"] for case in checked["cases"])
    line(f"{len(checked['cases'])} cases, {failed} with faults.")
