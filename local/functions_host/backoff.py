"""How long to wait before looking at an empty queue again (webjobs: RandomizedExponentialBackoffStrategy)."""

import random

MINIMUM = 0.1
_DELTA = 0.1


class Backoff:
    """100 ms after a find, then doubling with up to 20 % of chance either way, up to a maximum.

    Args:
        maximum: longest wait in seconds, host.json's maxPollingInterval.
    """

    def __init__(self, maximum: float) -> None:
        self._maximum = maximum
        self._current = MINIMUM
        self._exponent = 1

    def next_delay(self, *, found: bool) -> float:
        """Seconds to wait, after a look that found something or did not."""
        if found:
            self._current, self._exponent = MINIMUM, 1
        elif self._current != self._maximum:
            grown = MINIMUM + random.uniform(0.8, 1.2) * 2 ** (self._exponent - 1) * _DELTA
            self._exponent += 1
            self._current = min(grown, self._maximum)
        return self._current
