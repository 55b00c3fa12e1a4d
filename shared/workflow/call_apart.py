"""A call that may take minutes, made apart from its caller and left alone after a while (R8.4)."""

import threading
from collections.abc import Callable
from datetime import timedelta

CallApart = Callable[[Callable[[], None], timedelta], bool]
"""Makes a call that never raises, waits for it at most so long, and says whether it ended."""


def on_own_thread(call: Callable[[], None], limit: timedelta) -> bool:
    """Make the call on its own thread. One that is left behind must append nothing: nobody waits for it any more."""
    thread = threading.Thread(target=call, name="import of a target", daemon=True)
    thread.start()
    thread.join(limit.total_seconds())
    return not thread.is_alive()
