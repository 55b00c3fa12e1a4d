"""What the scanners of models write: modelscan's JSON report, and the summary that picklescan prints."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.domain.errors import DocumentInvalid
from shared.domain.results_file import instant

SEVERITIES = ("low", "medium", "high", "critical")
"""From the least to the worst: modelscan's `IssueSeverity`."""

_SUMMARY = re.compile(
    r"^(Scanned files|Infected files|Suspicious globals|Dangerous globals): ([0-9]{1,9})$", re.MULTILINE
)
_NEEDED = frozenset({"Scanned files", "Infected files", "Dangerous globals"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool itself wrote; see `Document`. `at` is its own time, where it names one."""

    version: str | None = None
    at: datetime | None = None
    named: tuple[str, ...] = ()
    findings: Mapping[str, int] = field(default_factory=dict)
    incomplete: str = ""


def read_modelscan(report: Any) -> Said:
    """Read a report of `modelscan --reporting-format json` (protectai/modelscan 0.8, `ModelScan._generate_results`).

    Its `timestamp` carries no offset, and is read as UTC. Of a member of an archive, written `archive:member`, the
    archive counts.

    Raises:
        DocumentInvalid: it has another form, or its issues are not those that its summary counts.
    """
    try:
        summary = report["summary"]
        found = Counter(str(issue["severity"]).casefold() for issue in report["issues"])
        counted = {name.casefold(): int(count) for name, count in summary["total_issues_by_severity"].items()}
        named = {str(name).partition(":")[0] for name in summary["scanned"].get("scanned_files", ())}
        version, made, failed = str(summary["modelscan_version"]), summary["timestamp"], len(report["errors"])
        at = instant(made) or datetime.fromisoformat(made).replace(tzinfo=UTC)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DocumentInvalid("modelscan", [f"It is no report of modelscan ({type(error).__name__})."]) from error
    if not set(found) <= set(SEVERITIES) or {name: count for name, count in counted.items() if count} != dict(found):
        raise DocumentInvalid("modelscan", ["Its issues are not those that its summary counts."])
    incomplete = f"{failed} files could not be scanned" if failed else ""
    return Said(version, at, tuple(sorted(named)), dict(found), incomplete)


def read_picklescan(report: Any) -> Said:
    """Read what picklescan prints (mmaitre314/picklescan 1.0, cli.py, `print_summary`, and the errors of scanner.py).

    A dangerous global is critical; a suspicious one, which picklescan lets pass unless told `--strict`, is medium.

    Raises:
        DocumentInvalid: it is no text with that summary, or has it more than once.
    """
    lines = _SUMMARY.findall(report) if isinstance(report, str) else []
    counts = {name: int(count) for name, count in lines}
    if len(lines) != len(counts) or not counts.keys() >= _NEEDED:
        raise DocumentInvalid("picklescan", ["report is not the text that picklescan prints."])
    dangerous = max(counts["Dangerous globals"], counts["Infected files"])
    findings = {"critical": dangerous, "medium": counts.get("Suspicious globals", 0)}
    incomplete = "a file could not be parsed" if "ERROR: " in report else ""
    return Said(
        findings={severity: count for severity, count in findings.items() if count},
        incomplete=incomplete or ("" if counts["Scanned files"] else "no file was scanned"),
    )
