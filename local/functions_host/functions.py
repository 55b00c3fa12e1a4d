"""A function as the host sees it: a name, a trigger, outputs, and the Python to call."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class AppRefused(Exception):
    """The real host would not start this app; the text lists every fault and what to change."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("the app cannot be started:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Binding:
    """One trigger, input or output.

    Attributes:
        name: parameter name, or `$return`.
        type: as in function.json, for example `queueTrigger`.
        direction: IN or OUT.
        fields: everything the decorator said, such as `queueName` and `connection`.
    """

    name: str
    type: str
    direction: str
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def is_trigger(self) -> bool:
        """Whether it starts the function."""
        return self.type.lower().endswith("trigger")

    def text(self, key: str, default: str = "") -> str:
        """A field as text."""
        value = self.fields.get(key)
        return default if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the app.

    Attributes:
        name: unique without regard to case.
        call: what the app's author wrote.
        trigger: what starts it.
        outputs: its bindings of direction OUT.
        plain_types: for parameters annotated `str` or `bytes` that type, which the converters are not asked about.
        wants_context: whether it has the parameter `context`.
        disabled: by the app setting `AzureWebJobs.<name>.Disabled`.
    """

    name: str
    call: Callable[..., Any]
    trigger: Binding
    outputs: tuple[Binding, ...]
    plain_types: dict[str, type]
    wants_context: bool
    disabled: bool = False

    @property
    def is_async(self) -> bool:
        """Whether it runs on the event loop instead of in the thread pool."""
        return inspect.iscoroutinefunction(self.call)

    @property
    def return_binding(self) -> Binding | None:
        """The output that takes the return value."""
        return next((binding for binding in self.outputs if binding.name == "$return"), None)
