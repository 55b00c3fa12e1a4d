"""Policies on this machine: their faults, their cases, and the gates that no case tries. No app, no network."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared import bootstrap
from shared.cli.output import line, paragraph


def check(paths: Iterable[Path]) -> dict[str, Any]:
    """Read the folder of each path whole, for faults between files are faults too; `ok` is whether there are none."""
    folders = [bootstrap.check_policies(folder) for folder in dict.fromkeys(map(_folder, paths))]
    found = [
        {"folder": str(each.folder), "policies": each.policies, "cases": each.cases, "people": each.people,
         "faults": list(each.faults), "warnings": list(each.warnings)}
        for each in folders
    ]  # fmt: skip
    return {"ok": not any(each.faults for each in folders), "folders": found}


def show_check(checked: dict[str, Any]) -> None:
    """Each fault and each warning on lines of its own, and a count for each folder."""
    for folder in checked["folders"]:
        for fault in folder["faults"]:
            line(f"- {fault}")
        for warning in folder["warnings"]:
            line(f"- warning: {warning}")
        counts = f"policies {folder['policies']}, cases {folder['cases']}, people {folder['people']}"
        line(f"{folder['folder']}: {counts}, faults {len(folder['faults'])}.")


def run_cases(folder: Path) -> dict[str, Any]:
    """Run every case; `ok` is whether all of them held and every gate is tried both ways.

    Raises:
        DocumentInvalid: a policy, the directory or a file of cases has faults; all of them.
    """
    results, untried = bootstrap.try_policies(folder)
    cases = [
        {"policy": each.policy, "case": each.case, "place": each.place, "ok": each.ok, "faults": list(each.faults)}
        for each in results
    ]
    held = all(each.ok for each in results)
    return {"ok": held and not untried, "cases": cases, "untried": [asdict(each) for each in untried]}


def show_cases(tested: dict[str, Any]) -> None:
    """One line a case, and under it what came out otherwise; then each gate that lacks a case, and what to add."""
    for case in tested["cases"]:
        line(f"{'ok    ' if case['ok'] else 'FAULT '} {case['policy']}: {case['case']}  ({case['place']})")
        for fault in case["faults"]:
            paragraph(fault, " " * 8)
    for gate in tested["untried"]:
        line(f"{gate['place']}: gate {gate['gate']} has no {gate['lacks']} case.")
        line(f"        Add {gate['add']}")
    failed = sum(not case["ok"] for case in tested["cases"])
    line(f"{len(tested['cases'])} cases, {failed} with faults, {len(tested['untried'])} missing.")


def _folder(path: Path) -> Path:
    if not path.is_file():
        return path
    return path.parent.parent if path.parent.name == "directory" else path.parent
