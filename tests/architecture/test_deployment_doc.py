"""The pages on deploying name what is there: every command block is parsed, every variable comes from somewhere."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from typer.main import get_command

from shared.cli.main import app
from shared.settings.table import TABLE
from shared.web.access import Role
from tests.architecture.infra import INFRA, MAIN
from tests.architecture.project import ROOT

PAGES = ("docs/deployment.md", "docs/upgrade.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\$\{?([A-Z][A-Za-z0-9_]*)")
ASSIGNED = re.compile(r"(?:^ *|export |for )([A-Z][A-Za-z0-9_]*)(?:=| in )", re.MULTILINE)
TOOLS = {
    *("az", "azd", "make", "git", ".venv/bin/clearance", "openssl", "date", "rm"),
    *("export", "eval", "for", "do", "done", "printf", "umask"),
}
SUBSCRIPTION = "AZURE_SUBSCRIPTION_ID"  # azd's own, in every environment
KEYS = {"KEY", "CLEARANCE_WEBHOOK_KEY"}  # variables that hold a secret
PARAMETERS = (INFRA / "main.parameters.json").read_text()
SETTINGS = {setting.name for setting in TABLE}


@dataclass(frozen=True)
class Block:
    """A block of commands, and what stands before it on its page."""

    page: str
    text: str
    before: str


def blocks(kind: str) -> Iterator[Block]:
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            if found[1] == kind:
                yield Block(page, found[2], text[: found.start()])


def outputs() -> set[str]:
    return set(re.findall(r"^output (\w+) ", (ROOT / MAIN).read_text(), re.MULTILINE))


def environment_variables() -> set[str]:
    """What `azd env set` may set: the variables of the parameters' file, and those that azd knows itself."""
    return set(re.findall(r"\$\{(\w+)=?", PARAMETERS))


def fields() -> set[str]:
    """Of workspaces, registries and consumers."""
    return set(re.findall(r"^  (\w+): string\??$", (ROOT / MAIN).read_text(), re.MULTILINE))


SHELL = [*blocks("sh")]
COMMANDS = sorted(
    {
        (block.page, line.strip())
        for block in SHELL
        for line in block.text.replace("\\\n", " ").splitlines()
        if line.strip()
    }
)
INLINE = sorted(
    {
        (page, found)
        for page in PAGES
        for found in re.findall(r"`((?:azd|az|make) [^`]+)`", (ROOT / page).read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.text.splitlines()[0][:40])
def test_a_shell_understands_every_block(block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_command_is_one_of_the_tools_that_the_page_asks_for(page: str, line: str) -> None:
    found = re.match(r"(?:[A-Z]\w*=\"?(?:whsec_)?\$\()?([^\s\"=]+)", line)

    assert found is not None
    assert found[1] in TOOLS, f"{page}: {line}"


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.text.splitlines()[0][:40])
def test_a_variable_is_set_before_or_is_an_output(block: Block) -> None:
    known = outputs() | {
        SUBSCRIPTION,
        *ASSIGNED.findall(block.before + block.text),
        *re.findall(r"\b([A-Z][A-Z_]+)=\$\(", block.before),
    }

    assert {*VARIABLE.findall(block.text)} - known == set(), block.text


@pytest.mark.parametrize(("page", "line"), [*COMMANDS, *INLINE])
def test_a_file_of_the_project_that_a_command_names_is_there(page: str, line: str) -> None:
    """Also one that `az` is to read, which stands behind an @."""
    named = re.findall(r"(?<![\w./-])@?((?:infra|docs|policies|examples|local)/[\w./-]+)", line)

    assert [name for name in named if not (ROOT / name).exists()] == [], f"{page}: {line}"


def test_the_files_that_commands_read_are_looked_at() -> None:
    assert [line for _, line in COMMANDS if "@infra/app-roles.json" in line]


@pytest.mark.parametrize(("page", "line"), [each for each in COMMANDS if each[1].startswith(".venv/bin/clearance ")])
def test_a_command_of_ours_has_the_options_that_it_is_given(page: str, line: str) -> None:
    command: Any = get_command(app)
    for word in line.split()[1:]:
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}

    assert {*re.findall(r" (--[\w-]+)", line)} <= known, f"{page}: {line}"


def test_each_app_of_a_split_is_looked_at_with_its_own_identity() -> None:
    text = (ROOT / "docs/deployment.md").read_text()
    pairs = re.findall(r'--name "\$(\w+)" .*> \w+\.json\n.*doctor .*--principal "\$(\w+)"', text)

    assert pairs == [
        ("AZURE_FUNCTION_APP_NAME", "CLEARANCE_PRINCIPAL_ID"),
        ("AZURE_FUNCTION_APP_NAME", "CLEARANCE_PEOPLE_PRINCIPAL_ID"),
        ("AZURE_PROMOTER_APP_NAME", "CLEARANCE_PRINCIPAL_ID"),
    ]


def test_from_where_closed_vault_and_storage_are_reached_is_said_before_they_are_needed() -> None:
    text = (ROOT / "docs/deployment.md").read_text()

    assert text.index("CLEARANCE_PRIVATE_NETWORKING true") < text.index("### With private networking")
    assert text.index("### With private networking") < text.index("az keyvault secret set")


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_key_is_an_argument_of_no_program(page: str, line: str) -> None:
    """Who may list processes reads it there; printf and export are the shell's own."""
    told = {*VARIABLE.findall(line)} & KEYS

    assert not told or line.startswith(("printf ", "export ")), f"{page}: {line}"
    assert "--value" not in line.split(), f"{page}: {line}"


def test_az_stands_on_the_subscription_before_it_is_asked_for_what_lies_there() -> None:
    asking = [block for block in SHELL if re.search(r'--(?:resource-group|vault-name) "\$', block.text)]
    assert asking
    for block in asking:
        assert re.search(r'az account set --subscription "\$AZURE_SUBSCRIPTION_ID"', block.before + block.text)


@pytest.mark.parametrize(("page", "line"), [*COMMANDS, *INLINE])
def test_what_azd_sets_and_gets_is_there(page: str, line: str) -> None:
    for name in re.findall(r"azd env set (\w+)", line):
        assert name in environment_variables(), f"{page} sets {name}"
    for name in re.findall(r"azd env get-value (\w+)", line):
        assert name in outputs(), f"{page} gets {name}"


@pytest.mark.parametrize("page", PAGES)
def test_every_parameter_output_setting_and_variable_that_is_named_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    parameters = set(re.findall(r"^param (\w+)", (ROOT / MAIN).read_text(), re.MULTILINE))
    named = {*re.findall(r"\b((?:CLEARANCE|AZURE)_[A-Z_]+|POLICY_BUILD|ROLE_COMMANDS|SIGN_IN_COMMANDS)\b", text)}
    camel = {*re.findall(r"`([a-z]+[A-Z]\w+)`", text)}

    assert named - outputs() - environment_variables() - SETTINGS - {SUBSCRIPTION} == set()
    assert camel - parameters - fields() == set()


def test_the_json_that_is_to_be_written_fits_the_parameters() -> None:
    [block] = [*blocks("json")]
    written = json.loads("{" + block.text + "}")

    assert {*written} <= {*json.loads(PARAMETERS)["parameters"]}
    assert {key for each in written["workspaces"]["value"] for key in each} <= fields()


def test_the_app_roles_are_those_that_the_app_checks() -> None:
    roles = json.loads((INFRA / "app-roles.json").read_text())

    assert [role["value"] for role in roles] == [str(role) for role in Role]
    assert len({role["id"] for role in roles}) == len(roles)
    assert all(role["allowedMemberTypes"] == ["User"] and role["isEnabled"] for role in roles)
