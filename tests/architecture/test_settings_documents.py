"""The settings that documents and infrastructure give to the app are the ones it reads."""

import json
import re

from shared.settings.table import APP, TABLE
from tests.architecture.project import ROOT

OURS = re.compile(r"\b(CLEARANCE_[A-Z_]+|POLICY_BUILD)\b")


def read_by_the_app() -> set[str]:
    return {setting.name for setting in APP}


def test_azure_sets_only_what_the_app_reads() -> None:
    names = set(
        re.findall(
            r"^  (CLEARANCE_[A-Z_]+|POLICY_BUILD):", (ROOT / "infra/modules/app.bicep").read_text(), re.MULTILINE
        )
    )

    assert names
    assert names - read_by_the_app() == set()


def test_the_sample_sets_only_what_the_app_reads() -> None:
    values = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]

    assert {name for name in values if OURS.fullmatch(name)} - read_by_the_app() == set()


def test_no_secret_stands_in_the_sample() -> None:
    assert (
        re.findall(r"AccountKey|whsec_|password", (ROOT / "local.settings.sample.json").read_text(), re.IGNORECASE)
        == []
    )


def test_every_setting_has_its_row_in_the_documentation() -> None:
    text = (ROOT / "docs/configuration.md").read_text()

    assert [setting.name for setting in TABLE if f"`{setting.name}`" not in text] == []
