"""`make package`: build the zip, check it as it would run, print what was found; 1 where it must not be deployed."""

import argparse
import sys
from pathlib import Path

from local.package.archive import PackageIncomplete, build_package
from local.package.check import check_package
from local.package.environments import Environments
from local.package.report import checked_lines, deployed_on, fault_lines, package_lines
from local.processes import exit_on_signals
from shared.version import __version__

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path("build", "package-check")
"""Where environments are kept, below the project."""


def main(arguments: list[str] | None = None) -> int:
    """Build `build/clearance-<version>.zip`, then check it unless asked not to."""
    options = _parser().parse_args(arguments)
    project: Path = options.project
    package = project / "build" / f"clearance-{__version__}.zip"
    try:
        digest = build_package(project, package)
    except PackageIncomplete as incomplete:
        print(incomplete, file=sys.stderr)
        return 1
    checked = None
    if not options.only_build:
        with exit_on_signals():
            checked = check_package(package, Environments(project / KEPT, _progress))
    print(package_lines(project, package, digest))
    if checked is None:
        return 0
    print(checked_lines(checked, deployed_on(project)), flush=True)
    if checked.faults:
        print(fault_lines(checked.faults), file=sys.stderr)
    return 1 if checked.faults else 0


def _progress(text: str) -> None:
    print(f"== {text}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.package", description=__doc__)
    parser.add_argument("--project", type=Path, default=ROOT, help="folder of the project")
    parser.add_argument("--only-build", action="store_true", help="the bytes alone, unchecked")
    return parser


if __name__ == "__main__":
    sys.exit(main())
