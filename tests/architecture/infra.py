"""infra/ as its tests look at it: every declaration of every file, names and variables resolved where they are literal."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from local.bicep import Conditional, Declaration, Expression, Loop, read_bicep
from local.infrastructure_pages import read_role
from tests.architecture.project import ROOT, named
from tests.functions.children import run_python

INFRA = ROOT / "infra"
FILES = sorted(INFRA.rglob("*.bicep"))
TEMPLATES = {named(file): read_bicep(file) for file in FILES}
MAIN = "infra/main.bicep"

_INDEX = """
import json
import function_app
functions = function_app.app.get_functions()
print(json.dumps({f.get_function_name(): [json.loads(b) for b in f.get_raw_bindings()] for f in functions}))
"""


def declared(file: str, name: str) -> Declaration:
    """The one declaration of a name in a file."""
    [found] = [each for each in TEMPLATES[file] if each.name == name]
    return found


def resources(*types: str) -> Iterator[tuple[str, Declaration]]:
    """Every resource of these types that is made, with its file; types in lower case, without version."""
    for file, declarations in TEMPLATES.items():
        for each in with_nested(declarations):
            if each.kind == "resource" and not each.existing and each.type.partition("@")[0].lower() in types:
                yield file, each


def with_nested(declarations: tuple[Declaration, ...], above: str = "") -> Iterator[Declaration]:
    """Declarations and those inside them, with their whole types."""
    for each in declarations:
        whole = f"{above}/{each.type}" if above else each.type
        yield Declaration(each.kind, each.name, whole, each.value, each.description, each.existing)
        yield from with_nested(each.nested, whole.partition("@")[0])


def names_of(file: str, each: Declaration) -> set[str]:
    """The names that a resource is made under: its own, its variable's, or all that its loop goes through."""
    if isinstance(each.value, Loop):
        over = each.value.head.partition(" in ")[2]
        return set(re.findall(r"'([^']+)'", over)) or set(declared(file, over).value)
    name = each.body["name"]
    if isinstance(name, Expression):
        name = declared(file, name.text).value
    return {name}


def given(module: str) -> dict[str, Any]:
    """The parameters that main.bicep hands to one of its modules."""
    params: dict[str, Any] = declared(MAIN, module).body["params"]
    return params


def condition(each: Declaration) -> str:
    """Under which condition it is made; empty where it always is."""
    value = each.value.body if isinstance(each.value, Loop) else each.value
    return value.condition.strip("()") if isinstance(value, Conditional) else ""


def workspace_actions() -> tuple[set[str], set[str]]:
    """All actions on a workspace, and those of them that only reading files needs."""
    role = read_role("workspace-reader")
    of_files = {each["action"] for each in role["fileActions"]}
    return {each["action"] for each in role["actions"]} | of_files, of_files


@cache
def indexed() -> dict[str, list[dict[str, Any]]]:
    """The functions of the app with their bindings, as the worker finds them."""
    found: dict[str, list[dict[str, Any]]] = run_python(_INDEX, settings={})
    return found
