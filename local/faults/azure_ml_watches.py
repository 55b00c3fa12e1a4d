"""What is done to calls of Azure ML by whoever watches them, where the emulator's own rules cannot do it."""

import random
import threading
from collections.abc import Callable

from local.faults.calls import Call, Fault, Watch


class OnImport(Watch):
    """Does something once, at the moment an import arrives and before it is carried out."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._acts = [act]
        self._lock = threading.Lock()

    def arrived(self, call: Call) -> Fault | None:
        """Act on the first import."""
        with self._lock:
            if call.service == "azure_ml" and call.method == "POST" and call.path.endswith("/import") and self._acts:
                self._acts.pop()()
        return None


class Resets(Watch):
    """Ends connections to Azure ML with RST, before or after the call was carried out, until it is over.

    Args:
        chance: draws which.
        rate: how many of all calls, 0 to 1.
    """

    def __init__(self, chance: random.Random, rate: float) -> None:
        self._chance = chance
        self._rate = rate
        self._lock = threading.Lock()
        self.over = False
        self.strikes = 0

    def arrived(self, call: Call) -> Fault | None:
        """Strike some."""
        with self._lock:
            if self.over or call.service != "azure_ml" or self._chance.random() >= self._rate:
                return None
            return self._chance.choice((Fault.RESET, Fault.RESET_ANSWER))

    def struck(self, call: Call, fault: Fault) -> None:  # noqa: ARG002 - the watch's signature
        """Count it."""
        with self._lock:
            self.strikes += 1
