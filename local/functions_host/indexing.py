"""Loads function_app.py and lists its functions, as the worker's loader does (worker: loader.py)."""

import importlib
import json
import logging
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import azure.functions as func

from local.functions_host.app_settings import is_disabled
from local.functions_host.functions import AppRefused, Binding, Function
from local.functions_host.refusals import host_faults
from local.functions_host.signatures import read_signature

_log = logging.getLogger(__name__)


def index_app(folder: Path, settings: Mapping[str, str]) -> list[Function]:
    """Import `function_app` from `folder` and give its functions, after all the checks of worker and host.

    The folder is put on the module path. One app per process: modules stay loaded.

    Raises:
        AppRefused: with every fault.
    """
    if not (folder / "function_app.py").is_file():
        raise AppRefused([f"{folder} holds no function_app.py"])
    sys.path.insert(0, str(folder))
    return functions_of(_declared_app(), settings)


def functions_of(app: func.FunctionRegister, settings: Mapping[str, str]) -> list[Function]:
    """The functions that an app registers, checked as worker and host check them. Once per app.

    Raises:
        AppRefused: with every fault.
    """
    try:
        declared = app.get_functions()  # a second call finds every name taken
    except ValueError as error:
        raise AppRefused([str(error)]) from error
    functions: list[Function] = []
    faults: list[str] = [] if declared else ["function_app.py registers no function"]
    for each in declared:
        _add(each, settings, functions, faults)
    faults += host_faults(functions)
    if faults:
        raise AppRefused(faults)
    return functions


def _declared_app() -> func.FunctionRegister:
    try:
        module = importlib.import_module("function_app")
    except (Exception, SystemExit) as error:
        _log.error("function_app.py cannot be imported:\n%s", traceback.format_exc())
        raise AppRefused([f"function_app.py cannot be imported: {type(error).__name__}: {error}"]) from error
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionRegister)]
    if len(apps) != 1:
        raise AppRefused([f"function_app.py must hold exactly one top-level FunctionApp, it holds {len(apps)}"])
    return apps[0]


def _add(declared: Any, settings: Mapping[str, str], functions: list[Function], faults: list[str]) -> None:
    name = str(declared.get_function_name())
    bindings = [_binding(text) for text in declared.get_raw_bindings()]
    signature = read_signature(name, declared.get_user_function(), bindings)
    faults += signature.faults
    if declared.get_settings_dict("retry_policy"):
        faults.append(
            f"{name}: a retry policy; the real host keeps them for timers and streams, and this one serves none: "
            "use host.json's extensions.queues, or the subscription's retry"
        )
    trigger = next(binding for binding in bindings if binding.is_trigger)  # get_functions refuses a function without
    outputs = tuple(binding for binding in bindings if binding.direction == "OUT")
    functions.append(
        Function(
            name,
            declared.get_user_function(),
            trigger,
            outputs,
            signature.plain_types,
            signature.wants_context,
            is_disabled(name, settings),
        )
    )


def _binding(text: str) -> Binding:
    fields = json.loads(text)
    return Binding(str(fields["name"]), str(fields["type"]), str(fields.get("direction", "IN")).upper(), fields)
