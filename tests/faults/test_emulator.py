"""What a watch may do to calls of Azure ML beyond the emulator's own rules."""

import asyncio
from collections.abc import Iterator

import pytest

from local.faults.calls import Call, Fault, Watch
from local.faults.emulator import WatchedEmulator, watched_emulator
from local.tls import Authority, make_authority


class Strikes(Watch):
    """Strikes every call in one way."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.happened: list[Fault] = []

    def arrived(self, call: Call) -> Fault | None:
        return self.fault

    def struck(self, call: Call, fault: Fault) -> None:
        self.happened.append(fault)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def emulator(authority: Authority) -> Iterator[WatchedEmulator]:
    with watched_emulator(authority) as running:
        yield running


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.RESET_ANSWER, Fault.DROP, Fault.DROP_ANSWER])
def test_a_reset_is_a_reset_and_a_drop_is_none(emulator: WatchedEmulator, authority: Authority, fault: Fault) -> None:
    watch = emulator.watch = Strikes(fault)

    was_reset = asyncio.run(_is_reset(emulator.port, authority))

    assert was_reset is (fault in (Fault.RESET, Fault.RESET_ANSWER))
    assert watch.happened == [fault]


async def _is_reset(port: int, authority: Authority) -> bool:
    """Whether the connection ends with RST. Through `ssl.SSLSocket` both ends look the same: asyncio reads by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=authority.client_context())
    writer.write(b"GET /subscriptions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    try:
        assert await reader.read(100) == b""
    except ConnectionResetError:
        return True
    finally:
        writer.close()
    return False
