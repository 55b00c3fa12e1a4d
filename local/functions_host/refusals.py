"""What the .NET host refuses in an indexed app, and what this host does not serve."""

import re

from local.functions_host.functions import Binding, Function

SERVED = {"httpTrigger", "http", "queueTrigger", "queue", "timerTrigger", "eventGridTrigger"}

_FUNCTION_NAME = re.compile(r"[a-z][a-z0-9_\-]{0,127}", re.IGNORECASE)  # host: Utility.cs, FunctionNameValidationRegex
_BINDING_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")  # host: Utility.cs, BindingNameValidationRegex
_QUEUE_NAME = re.compile(
    r"(?=.{3,63}$)[a-z0-9](?:-?[a-z0-9])*"
)  # Naming Queues and Metadata, the storage REST reference


def host_faults(functions: list[Function]) -> list[str]:
    """Every reason why the host would not run these functions, none for a good app."""
    faults = [fault for function in functions for fault in _function_faults(function)]
    return faults + _name_faults(functions) + _route_faults([f for f in functions if f.trigger.type == "httpTrigger"])


def _function_faults(function: Function) -> list[str]:
    name, bindings = function.name, [function.trigger, *function.outputs]
    faults = [f"{name}: {fault}" for binding in bindings for fault in _binding_faults(binding)]
    names = [binding.name.lower() for binding in bindings]
    faults += [f"{name}: two bindings are named {twice}" for twice in sorted({n for n in names if names.count(n) > 1})]
    if not _FUNCTION_NAME.fullmatch(name) or name.lower() == "host":
        faults.append(f"{name}: no valid function name; letters, digits, _ and - after a letter, and not 'host'")
    if function.trigger.type == "httpTrigger" and not any(binding.type == "http" for binding in function.outputs):
        faults.append(f"{name}: an http trigger without an http output")
    return faults


def _binding_faults(binding: Binding) -> list[str]:
    faults = []
    if not _BINDING_NAME.fullmatch(binding.name):
        faults.append(f"the host refuses the binding name {binding.name!r}: letters and digits only, no underscore")
    if binding.name == "$return" and binding.direction != "OUT":
        faults.append("$return must be an output")
    if binding.type not in SERVED:
        faults.append(f"a {binding.type} is not served here (only {', '.join(sorted(SERVED))}); run it with Core Tools")
    queue = binding.text("queueName")
    if queue and "%" not in queue and not _QUEUE_NAME.fullmatch(queue.lower()):
        faults.append(f"{queue!r} is no queue name: 3 to 63 lower-case letters, digits and single hyphens")
    return faults


def _name_faults(functions: list[Function]) -> list[str]:
    names = [function.name.lower() for function in functions]
    return [
        f"{twice}: two functions have this name, which is compared without case"
        for twice in sorted({n for n in names if names.count(n) > 1})
    ]


def _route_faults(functions: list[Function]) -> list[str]:
    """Reserved and clashing routes (host: ScriptHost.cs, ValidateHttpFunction and HttpRoutesConflict)."""
    faults: list[str] = []
    earlier: list[tuple[str, str, set[str]]] = []
    for function in functions:
        route = (function.trigger.text("route") or function.name).strip("/").lower()
        methods = {str(method).upper() for method in function.trigger.fields.get("methods") or []}
        if route.startswith(("admin", "runtime")):
            faults.append(
                f"{function.name}: the host keeps routes that start with 'admin' or 'runtime', such as {route!r}"
            )
        faults += [
            f"{function.name}: the route {route!r} conflicts with that of {other}"
            for other, taken, theirs in earlier
            if taken == route and (not methods or not theirs or methods & theirs)
        ]
        earlier.append((function.name, route, methods))
    return faults
