"""The invocation context that a function may ask for with the parameter `context`."""

import secrets
import threading

from azure.functions import _abc as contract  # the parts of Context are not exported


class InvocationTrace(contract.TraceContext):
    """A new trace for each invocation."""

    def __init__(self) -> None:
        self._parent = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"

    @property
    def trace_state(self) -> str:
        """Always empty."""
        return ""

    @property
    def trace_parent(self) -> str:
        """W3C traceparent."""
        return self._parent

    @property
    def attributes(self) -> dict[str, str]:
        """Always empty."""
        return {}


class NoFailure(contract.RpcException):
    """The failure of an earlier try that there was not."""

    @property
    def source(self) -> str:
        """Empty."""
        return ""

    @property
    def stack_trace(self) -> str:
        """Empty."""
        return ""

    @property
    def message(self) -> str:
        """Empty."""
        return ""


class FirstTry(contract.RetryContext):
    """No retry policy is served, so each invocation is the first."""

    @property
    def retry_count(self) -> int:
        """Retries before this try."""
        return 0

    @property
    def max_retry_count(self) -> int:
        """Retries allowed."""
        return 0

    @property
    def exception(self) -> contract.RpcException:
        """An empty one, as the worker gives."""
        return NoFailure()


class InvocationContext(contract.Context):
    """What a function may know of its invocation."""

    def __init__(self, function_name: str, directory: str, invocation_id: str, storage: threading.local) -> None:
        self._function_name = function_name
        self._directory = directory
        self._invocation_id = invocation_id
        self._storage = storage
        self._trace = InvocationTrace()

    @property
    def invocation_id(self) -> str:
        """A GUID."""
        return self._invocation_id

    @property
    def thread_local_storage(self) -> threading.local:  # type: ignore[override] # the library says type[], gives one
        """Set its `invocation_id` in threads of your own to have their logs attributed."""
        return self._storage

    @property
    def function_name(self) -> str:
        """As registered."""
        return self._function_name

    @property
    def function_directory(self) -> str:
        """The app's folder."""
        return self._directory

    @property
    def trace_context(self) -> contract.TraceContext:
        """The trace of this invocation."""
        return self._trace

    @property
    def retry_context(self) -> contract.RetryContext:
        """Says that this is the first try."""
        return FirstTry()
