"""Every word that the source can show an operator, read from its syntax: codes, states, kinds, names, sentences."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from tests.architecture.project import ROOT, python_files

_CODE = re.compile(r"[a-z]+(_[a-z]+)*")
_TOKENS = "shared/adapters/entra_identity.py"
_SUFFIXED = re.compile(r"\{…\}_([a-z_]+)")


@cache
def tree(path: str) -> ast.Module:
    """The syntax of one file of the project."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def shared_trees() -> list[ast.Module]:
    """Every file that is deployed, but for the ports in memory, which no operator meets."""
    files = [file for file in python_files("shared", "functions") if "memory" not in file.parts]
    return [tree(file.relative_to(ROOT).as_posix()) for file in files]


def text_of(node: ast.AST) -> str | None:
    """A text as it stands in the source; what is filled in at run time is `{…}`. None for anything else."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or "{…}" for part in parts)
        case _:
            return None


def calls(trees: list[ast.Module], *names: str) -> Iterator[ast.Call]:
    """Calls of functions or methods with one of these names."""
    for node in (each for module in trees for each in ast.walk(module)):
        if isinstance(node, ast.Call) and _called(node.func) in names:
            yield node


def first_arguments(*names: str) -> set[str]:
    """The texts that stand first in calls of these names, all over what is deployed."""
    return {text for name in names for text in arguments(name, 0)}


def arguments(name: str, place: int) -> set[str]:
    """The texts that stand at one place, from 0, in calls of a name, all over what is deployed."""
    given = (call.args[place] for call in calls(shared_trees(), name) if len(call.args) > place)
    return {text for argument in given if (text := text_of(argument))}


def codes_with_sentences(trees: list[ast.Module]) -> set[str]:
    """Codes of tuples in which a code stands before its sentence: errors on their way into a history."""
    return {
        code
        for module in trees
        for node in ast.walk(module)
        if isinstance(node, ast.Tuple)
        for code, sentence in _pairs(node)
        if _CODE.fullmatch(code) and "_" in code and " " in sentence
    }


def services() -> set[str]:
    """What begins the codes of trouble that azure_errors.py makes."""
    return first_arguments("translated", "port_error", "by_status")


def suffixes() -> set[str]:
    """What ends them."""
    module = tree("shared/adapters/azure_errors.py")
    named = {text for text in map(text_of, ast.walk(module)) if text and _CODE.fullmatch(text)}
    ended = {_SUFFIXED.fullmatch(text_of(call.args[0]) or "") for call in calls([module], "Unreadable", "Refused")}
    literal = {found[1] for found in ended if found and found[1] != "{…}"}
    return literal | (named & _texts_of_assignment(module, "_SUFFIXES")) | _texts_of_assignment(module, "suffix")


def token_codes() -> set[str]:
    """Why a token is not accepted."""
    listed = {text for text in _texts_of_assignment(tree(_TOKENS), "_REFUSALS") if _CODE.fullmatch(text)}
    return first_arguments("NotAuthenticated") | listed


def trouble_codes() -> set[str]:
    """Codes of trouble that stand whole in the source."""
    raised = {code for code in first_arguments("Unreadable", "Refused", "PortError") if _CODE.fullmatch(code)}
    return (raised | codes_with_sentences(shared_trees())) - token_codes() - _made_of_services()


def _made_of_services() -> set[str]:
    return {f"{service}_{suffix}" for service in services() for suffix in suffixes()}


def literal_of(path: str, name: str, field: str | None = None) -> set[str]:
    """The texts of a `Literal`: of an alias, or of a class's field."""
    for node in ast.walk(tree(path)):
        if field is None and isinstance(node, ast.Assign) and _is_name(node.targets[0], name):
            return _texts(node.value)
        if field is not None and isinstance(node, ast.ClassDef) and node.name == name:
            fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and _is_name(each.target, field)]
            return _texts(fields[0].annotation)
    raise LookupError(f"{path} has no {name} {field or ''}")


def mapped_of(path: str, name: str) -> tuple[set[str], set[str]]:
    """Texts among the keys and the values of a dictionary that a file assigns to a name."""
    for node in ast.walk(tree(path)):
        if (
            name in _assigned(node)
            and isinstance(node, ast.Assign | ast.AnnAssign)
            and isinstance(node.value, ast.Dict)
        ):
            keys, values = [each for each in node.value.keys if each], node.value.values
            return {text for key in keys if (text := text_of(key))}, {text for v in values if (text := text_of(v))}
    raise LookupError(f"{path} has no dictionary {name}")


def sentences_in(path: str, *names: str) -> set[str]:
    """Sentences that a file hands to calls of these names, assigns to `reason`, or adds to a list of faults."""
    module = tree(path)
    told = [argument for call in calls([module], *names) for argument in call.args]
    told += [
        node.value for node in ast.walk(module) if isinstance(node, ast.Assign) and _is_name(node.targets[0], "reason")
    ]
    told += [
        each for node in ast.walk(module) if isinstance(node, ast.Return | ast.AugAssign) for each in _listed(node)
    ]
    return {text for node in told if (text := text_of(node)) and " " in text}


def _listed(node: ast.Return | ast.AugAssign) -> list[ast.expr]:
    match node.value:
        case ast.List(elts=elements):
            return elements
        case ast.ListComp(elt=element):
            return [element]
        case _:
            return []


def _pairs(node: ast.Tuple) -> Iterator[tuple[str, str]]:
    texts = [text_of(element) for element in node.elts]
    yield from ((a, b) for a, b in pairwise(texts) if a and b)


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _texts(node: ast.AST) -> set[str]:
    return {text for each in ast.walk(node) if (text := text_of(each))}


def all_texts() -> set[str]:
    """Every text of what is deployed."""
    return {text for module in shared_trees() for text in _texts(module)}


def _texts_of_assignment(module: ast.Module, name: str) -> set[str]:
    return {text for node in ast.walk(module) if name in _assigned(node) for text in _texts(node)}


def _assigned(node: ast.AST) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}
