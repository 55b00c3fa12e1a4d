"""Where round trips come from: the step of the promotion, the use case, and the method of the adapter that asked."""

import inspect
from collections import Counter
from collections.abc import Callable
from types import FrameType

from shared.adapters.round_trips import RoundTrips

Site = tuple[str, str, str]


class SitedRoundTrips(RoundTrips):
    """Counts round trips, and while `step` is set also where each came from.

    `sites` maps (step, use case, service and adapter's method) to a count.
    """

    def __init__(self) -> None:
        super().__init__()
        self.step: Callable[[], str] | None = None
        self.sites: Counter[Site] = Counter()

    def count(self, service: str) -> None:
        """One more."""
        super().count(service)
        if self.step is not None:
            use_case, method = _origin(inspect.currentframe())
            self.sites[self.step(), use_case, f"{service} {method}"] += 1

    def reset(self) -> None:
        """Begin at zero."""
        super().reset()
        self.sites.clear()


def _origin(frame: FrameType | None) -> tuple[str, str]:
    """The nearest use case (or page) below this call, and the adapter's public method that it called."""
    method = ""
    while frame is not None:
        module, name = str(frame.f_globals.get("__name__", "")), frame.f_code.co_name
        if module.startswith("shared.adapters.") and not name.startswith(("_", "<", "hook", "count")):
            method = f"{module.rpartition('.')[2]}.{name}"
        if module.startswith(("shared.workflow.", "shared.web.")):
            return f"{module.rpartition('.')[2]}.{name.strip('<>')}", method
        frame = frame.f_back
    return "queue trigger", method or "receive, delete"
