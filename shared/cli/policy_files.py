"""Policies on this machine: their faults, their cases, and what no case tries. No app, no network."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared import bootstrap
from shared.cli.output import line, paragraph
from shared.domain.faults import Fault


def check(paths: Iterable[Path]) -> dict[str, Any]:
    """Read the folder of each path whole, for faults between files are faults too; `ok` is whether there are none."""
    folders = [bootstrap.check_policies(folder) for folder in dict.fromkeys(map(folder_of, paths))]
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


def run_cases(path: Path) -> dict[str, Any]:
    """Run every case; `ok` is whether all of them held, every gate is tried both ways, and no bound is left open.

    Where a policy, the directory or a file of cases has faults, `faults` are all of them and no case is run.
    """
    folder = folder_of(path)
    if faults := bootstrap.check_policies(folder).faults:
        return {"ok": False, "faults": list(faults), "cases": [], "untried": [], "open": []}
    results, untried, bounds = bootstrap.try_policies(folder)
    cases = [
        {
            "policy": each.policy,
            "case": each.of.case,
            "place": each.of.place,
            "ok": each.ok,
            "faults": list(each.faults),
        }
        for each in results
    ]
    return {
        "ok": all(each.ok for each in results) and not untried and not bounds,
        "faults": [],
        "cases": cases,
        "untried": [asdict(each) for each in untried],
        "open": [asdict(each) for each in bounds],
    }


def show_cases(tested: dict[str, Any]) -> None:
    """One line a case, and under it what came out otherwise; then what lacks a case, and what to add."""
    for fault in tested["faults"]:
        line(f"- {fault}")
    if tested["faults"]:
        line(f"No case was run, faults {len(tested['faults'])}.")
        return
    for case in tested["cases"]:
        line(f"{'ok    ' if case['ok'] else 'FAULT '} {case['policy']}: {case['case']}  ({case['place']})")
        for fault in case["faults"]:
            paragraph(fault, " " * 8)
    for gate in tested["untried"]:
        line(f"{gate['place']}: gate {gate['gate']} has no {gate['lacks']} case.")
        line(f"        Add {gate['add']}")
    for bound in tested["open"]:
        line(f"{bound['place']}: {bound['could_be']}, and no case would notice.")
        line(f"        Add {bound['add']}")
    failed = sum(not case["ok"] for case in tested["cases"])
    line(f"{len(tested['cases'])} cases, {failed} with faults, {len(tested['untried']) + len(tested['open'])} missing.")


def in_parts(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with each fault and warning of a file as its parts, for programs."""
    return {key: _in_parts(value) for key, value in document.items()}


def _in_parts(value: Any) -> Any:
    if isinstance(value, Fault):
        return value.parts()
    if isinstance(value, dict):
        return in_parts(value)
    return [_in_parts(each) for each in value] if isinstance(value, list) else value


def folder_of(path: Path) -> Path:
    """The folder of policies that a file stands in; any other path as it is."""
    if not path.is_file():
        return path
    return path.parent.parent if path.parent.name == "directory" else path.parent
