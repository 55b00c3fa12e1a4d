"""The worker's checks of a function's parameters and annotations against its bindings (worker: functions.py)."""

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func

from local.functions_host.functions import Binding


@dataclass(slots=True)
class Signature:
    """What a function's signature says, and what is wrong with it.

    Attributes:
        wants_context: whether it takes the invocation's context.
        plain_types: `str` or `bytes` by parameter name, where annotated so.
        faults: sentences, each naming the function.
    """

    wants_context: bool = False
    plain_types: dict[str, type] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_signature(name: str, call: Callable[..., Any], bindings: list[Binding]) -> Signature:
    """Compare a function's signature with its bindings; decorators with `functools.wraps` are looked through."""
    read = Signature()
    bound = {binding.name: binding for binding in bindings if binding.name != "$return"}
    parameters = set(inspect.signature(call).parameters)
    if "context" in parameters and "context" not in bound:
        parameters.remove("context")
        read.wants_context = True
    read.faults += [
        f"{name}: the parameter {extra} belongs to no binding; only 'context' is free"
        for extra in sorted(parameters - set(bound))
    ]
    read.faults += [f"{name}: the binding {extra} has no parameter" for extra in sorted(set(bound) - parameters)]
    try:
        annotations = typing.get_type_hints(call)
    except NameError as error:
        read.faults.append(f"{name}: an annotation cannot be resolved: {error}")
        return read
    for parameter in sorted(parameters & set(bound) & set(annotations)):
        _check_parameter(name, bound[parameter], annotations[parameter], read)
    _check_return(name, bindings, annotations.get("return"), read)
    return read


def _check_parameter(name: str, binding: Binding, annotation: Any, read: Signature) -> None:
    is_out = getattr(typing.get_origin(annotation) or annotation, "__name__", "") == "Out"
    if is_out != (binding.direction == "OUT"):
        expected = "func.Out[...]" if binding.direction == "OUT" else "an input type, not func.Out"
        read.faults.append(f"{name}: the parameter {binding.name} must be annotated with {expected}")
        return
    inner = (typing.get_args(annotation) or (None,))[0] if is_out else annotation
    if inner in (str, bytes):
        read.plain_types[binding.name] = inner
    elif not _fits(binding.type, inner, is_output=is_out):
        read.faults.append(f"{name}: the annotation of {binding.name}, {annotation}, does not fit a {binding.type}")


def _check_return(name: str, bindings: list[Binding], annotation: Any, read: Signature) -> None:
    output = next((binding for binding in bindings if binding.name == "$return"), None)
    if output is None or annotation is None:
        return
    if not isinstance(annotation, type):
        read.faults.append(
            f"{name}: the return annotation {annotation} is no type; the worker refuses Optional and unions"
        )
    elif annotation in (str, bytes):
        read.plain_types["$return"] = annotation
    elif not _fits(output.type, annotation, is_output=True):
        read.faults.append(f"{name}: the return annotation {annotation} does not fit the output {output.type}")


def _fits(binding_type: str, annotation: Any, *, is_output: bool) -> bool:
    converter: Any = func.get_binding_registry().get(binding_type)
    if converter is None:
        return True  # refused elsewhere: no such binding is served
    check = converter.check_output_type_annotation if is_output else converter.check_input_type_annotation
    try:
        return bool(check(annotation))
    except TypeError:  # issubclass of what is no class, such as list[...]
        return False
