"""What azd runs around a deployment, with an `az` that only writes down what it was asked."""

import json
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.infra import INFRA
from tests.architecture.project import ROOT

AZURE: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text())
HOOKS = INFRA / "hooks"
SUBSCRIPTION = "5ab5c71b-0000-4000-8000-0000000000aa"
APPS = {
    "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
    "RESOURCE_GROUP": "rg-clearance-test",
    "AZURE_FUNCTION_APP_NAME": "func-clearance-x",
}
BOTH = {**APPS, "AZURE_PROMOTER_APP_NAME": "func-clr-promoter-x", "CLEARANCE_SPLIT_PROMOTION": "true"}


class Ran:
    """How a hook ended, and what it asked of `az`."""

    def __init__(self, hook: str, folder: Path, environment: dict[str, str]) -> None:
        asked = folder / "asked"
        az = folder / "az"
        az.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {asked}\nexit "${{AZ_EXITS:-0}}"\n')
        az.chmod(az.stat().st_mode | stat.S_IXUSR)
        path = f"{folder}:{os.environ['PATH']}"
        ran = subprocess.run(
            ["sh", str(HOOKS / hook)],
            env={"PATH": path, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        self.code, self.out, self.err = ran.returncode, ran.stdout, ran.stderr
        self.asked = asked.read_text().splitlines() if asked.exists() else []


def stamped(ran: Ran) -> list[tuple[str, str]]:
    return [
        (found[1], found[2])
        for line in ran.asked
        if (found := re.search(r"--name (\S+) --settings POLICY_BUILD=(\d+)$", line))
    ]


def test_the_policy_number_is_stamped_before_the_code_is_deployed(tmp_path: Path) -> None:
    ran = Ran("predeploy.sh", tmp_path, APPS)

    assert ran.code == 0, ran.err
    [(app, build)] = stamped(ran)
    assert app == "func-clearance-x"
    assert 1_700_000_000 < int(build) < 10_000_000_000
    assert "--resource-group rg-clearance-test" in ran.asked[0]


def test_az_is_told_the_subscription_whatever_it_stands_on(tmp_path: Path) -> None:
    asked = Ran("predeploy.sh", tmp_path, BOTH).asked

    assert len(asked) == 2
    assert [line for line in asked if f"--subscription {SUBSCRIPTION} " not in line] == []
    for hook in HOOKS.glob("*.ps1"):
        text = hook.read_text().replace("`\n", "")
        assert [
            line for line in re.findall(r"^ *az .*$", text, re.MULTILINE) if "--subscription $env:AZURE_" not in line
        ] == []


def test_without_a_subscription_nothing_is_stamped(tmp_path: Path) -> None:
    ran = Ran("predeploy.sh", tmp_path, {name: each for name, each in APPS.items() if name != "AZURE_SUBSCRIPTION_ID"})

    assert ran.code != 0
    assert "AZURE_SUBSCRIPTION_ID" in ran.err
    assert ran.asked == []


def test_both_apps_of_a_split_get_one_and_the_same_number(tmp_path: Path) -> None:
    found = stamped(Ran("predeploy.sh", tmp_path, BOTH))

    assert [app for app, _ in found] == ["func-clearance-x", "func-clr-promoter-x"]
    assert len({build for _, build in found}) == 1


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"RESOURCE_GROUP": "rg"}, "azd provision"),
        ({**APPS, "CLEARANCE_SPLIT_PROMOTION": "true"}, "azd provision"),
        ({**BOTH, "CLEARANCE_SPLIT_PROMOTION": ""}, "azd env set CLEARANCE_SPLIT_PROMOTION true"),
        ({**BOTH, "CLEARANCE_SPLIT_PROMOTION": "false"}, "func-clr-promoter-x would keep its old code"),
    ],
    ids=["nothing provisioned", "one of two provisioned", "split not said", "split denied"],
)
def test_a_deployment_that_would_leave_an_app_behind_stops(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    ran = Ran("predeploy.sh", tmp_path, environment)

    assert ran.code == 1
    assert said in ran.err
    assert ran.asked == []


def test_a_number_that_could_not_be_set_stops_the_deployment(tmp_path: Path) -> None:
    assert Ran("predeploy.sh", tmp_path, {**BOTH, "AZ_EXITS": "3"}).code == 3


COMMANDS = [
    'az role definition create --role-definition \'{"Name":"R (dev, x)","Actions":["a/read","b/read"],"IsCustom":true}\'',
    'az role assignment create --assignee-object-id 1 --role "R (dev, x)" --scope /subscriptions/s',
    r"az x --path C:\temp",
]


def test_what_others_have_to_run_is_shown_as_it_is_run(tmp_path: Path) -> None:
    as_azd_hands_it_over = json.dumps(COMMANDS, separators=(",", ":"))
    ran = Ran("postprovision.sh", tmp_path, {"ROLE_COMMANDS": as_azd_hands_it_over, "SIGN_IN_COMMANDS": '["az ad x"]'})

    assert ran.code == 0, ran.err
    assert [line for line in ran.out.splitlines() if line.startswith("az ")] == [*COMMANDS, "az ad x"]
    assert "The owner of workspaces and registries has to run:" in ran.out


@pytest.mark.parametrize("environment", [{}, {"ROLE_COMMANDS": "[]", "SIGN_IN_COMMANDS": "[]"}], ids=["unset", "none"])
def test_nothing_is_shown_where_nothing_is_left_to_others(tmp_path: Path, environment: dict[str, str]) -> None:
    ran = Ran("postprovision.sh", tmp_path, environment)

    assert (ran.code, ran.out) == (0, "")


def test_azd_deploys_the_second_app_under_the_condition_that_bicep_makes_it_by() -> None:
    given = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]["splitPromotion"]["value"]
    app, promoter = AZURE["services"]["app"], AZURE["services"]["promoter"]

    assert given == "${CLEARANCE_SPLIT_PROMOTION=false}"
    assert promoter == {**app, "condition": "${CLEARANCE_SPLIT_PROMOTION}"}
    assert AZURE["requiredVersions"]["azd"] == ">= 1.23.4", "the first azd that knows a condition"


def test_services_are_the_ones_that_bicep_tags() -> None:
    tagged = re.findall(r"serviceName: '(\w+)'", (INFRA / "main.bicep").read_text())

    assert sorted(tagged) == sorted(AZURE["services"])


def test_every_hook_is_there_for_both_shells_and_says_so_where_it_was_not_run() -> None:
    for hook in AZURE["hooks"].values():
        assert (ROOT / hook["posix"]["run"]).is_file()
        assert "It has not been run" in (ROOT / hook["windows"]["run"]).read_text()
        assert Path(hook["posix"]["run"]).stem == Path(hook["windows"]["run"]).stem


WORKFLOW = (ROOT / ".github/workflows/infra.yml").read_text()


def test_the_workflow_for_users_builds_lints_and_asks_what_would_change() -> None:
    jobs = yaml.safe_load(WORKFLOW)["jobs"]
    compiles = [step["run"] for step in jobs["compile"]["steps"] if "run" in step]

    assert compiles[1].startswith("az bicep build --file infra/main.bicep")
    assert compiles[2].startswith("az bicep lint --file infra/main.bicep")
    assert "az deployment sub what-if" in jobs["what-if"]["steps"][-1]["run"]
    assert jobs["what-if"]["if"] == "github.event_name == 'workflow_dispatch'"


def test_the_workflow_for_users_says_that_it_has_not_run_here_and_may_only_read() -> None:
    head = " ".join(line.removeprefix("# ") for line in WORKFLOW.splitlines() if line.startswith("#"))

    assert "It has not run where Clearance is developed" in head
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", use) for use in re.findall(r"uses: (.+)", WORKFLOW))
    assert re.findall(r"^permissions: (.*)$", WORKFLOW, re.MULTILINE) == ["{}"]
    assert re.findall(r"([\w-]+): write", WORKFLOW) == ["id-token"]
