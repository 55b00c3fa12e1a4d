"""A pytest plugin that tells what a run proved: which tests failed by themselves, and whether our code was the copy's."""

import json
import sys
from pathlib import Path

import pytest

WORD = "witness: "
"""Begins the one line that the run prints last, followed by JSON: `failed`, `broken` and `foreign`."""

_OURS = ("shared", "functions", "local", "tests", "function_app")
_NO_VERDICT = (NameError, ImportError, SyntaxError)  # a change that does not even run says nothing about a test

_failed: list[str] = []
_broken: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def] # noqa: ANN201, D103 - pytest's hook
    report = yield
    if report.failed:
        (_failed if report.when == "call" and not _is_no_verdict(call) else _broken).append(item.nodeid)
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say it, when everything else has been said."""
    told = {"failed": _failed, "broken": _broken, "foreign": _foreign(config.rootpath)}
    sys.stdout.write(f"\n{WORD}{json.dumps(told)}\n")


def _is_no_verdict(call: pytest.CallInfo[None]) -> bool:
    """A run that took too long says nothing either: the machine may be slow."""
    raised = call.excinfo
    return raised is not None and (raised.errisinstance(_NO_VERDICT) or str(raised.value).startswith("Timeout"))


def _foreign(root: Path) -> list[str]:
    """Modules of ours that were not read below `root`."""
    ours = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in _OURS}
    files = {name: Path(str(module.__file__)) for name, module in ours.items() if getattr(module, "__file__", None)}
    return sorted(name for name, file in files.items() if root not in file.parents)
