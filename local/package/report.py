"""What the check found, for a terminal of 80 columns."""

import re
import textwrap
import zipfile
from pathlib import Path

from local.package.check import Checked, Measured

WIDTH = 80
_MEGABYTE = 1024 * 1024
_HEADING = "  Python  installed MB  import CPU s  peak MB  first message CPU s  peak MB"
_DEPLOYED_ON = re.compile(r"runtime: \{ name: 'python', version: '(3\.\d+)' \}")


def package_lines(project: Path, package: Path, digest: str) -> str:
    """The zip itself: path, size, files, SHA-256."""
    with zipfile.ZipFile(package) as opened:
        files = len(opened.namelist())
    return "\n".join(
        [
            f"  package    {package.relative_to(project)}",
            f"  size       {package.stat().st_size:,} bytes, {files} files",
            f"  SHA-256    {digest}",
        ]
    )


def deployed_on(project: Path) -> str | None:
    """The Python that the templates deploy on, such as 3.12; None where there is no template."""
    template = project / "infra" / "modules" / "app.bicep"
    found = _DEPLOYED_ON.search(template.read_text("utf-8")) if template.is_file() else None
    return found[1] if found else None


def checked_lines(checked: Checked, deployed: str | None) -> str:
    """Functions, a row for each Python, who drove the app, and on what it was not checked."""
    done = "indexed and invoked" if checked.measured else "named by the sources"
    parts = [_wrapped(f"{len(checked.functions)} {done}: {', '.join(checked.functions)}", "  functions  ")]
    if checked.measured:
        parts += ["", _table(checked.measured), ""]
    return "\n".join([*parts, *map(_wrapped, [*_notes(checked.measured), *_absences(checked.absent, deployed)])])


def fault_lines(faults: list[str]) -> str:
    """Every fault, below the sentence that says what they mean."""
    listed = [_wrapped(fault, "  - ") for fault in faults]
    return "\n".join([f"This package must not be deployed; {len(faults)} fault(s) were found:", *listed])


def _table(measured: list[Measured]) -> str:
    return "\n".join([_HEADING, *map(_row, measured)])


def _row(each: Measured) -> str:
    """One Python, below the columns of the heading."""
    installed = f"{each.installed / _MEGABYTE:14.1f}"
    starts = f"{each.app.cpu:14.2f}{each.app.rss_mb:9.0f}{each.first_message.cpu:21.2f}{each.first_message.rss_mb:9.0f}"
    return f"  {each.version:6}{installed}{starts}"


def _notes(measured: list[Measured]) -> list[str]:
    drivers: dict[str, list[str]] = {}
    for each in measured:
        drivers.setdefault(each.library, []).append(each.version)
    driven = [f"{' and '.join(versions)}: driven by {library}." for library, versions in drivers.items()]
    meaning = (
        "Import is that of function_app; the first message adds settings and every port, built. Bytecode is compiled."
    )
    return [*driven, meaning] if measured else []


def _absences(absent: list[str], deployed: str | None) -> list[str]:
    lines = [f"Python {version} is not here: not checked on it." for version in absent]
    if deployed in absent:
        return [*lines, f"But infra/ deploys on Python {deployed}: check on that before you deploy."]
    return [*lines, f"infra/ deploys on Python {deployed}."] if deployed else lines


def _wrapped(text: str, label: str = "  ") -> str:
    wrapper = textwrap.TextWrapper(WIDTH, label, " " * len(label), break_long_words=False, break_on_hyphens=False)
    return wrapper.fill(text)
