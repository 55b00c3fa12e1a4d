"""Free TCP ports on the loopback address."""

import contextlib
import socket

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """`count` different ports that nobody listened on a moment ago.

    Another process may take one before its server binds it: a server of ours that can, takes port 0 instead.
    """
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]


def listen(port: int) -> socket.socket:
    """A socket that listens on `port` of the loopback address; 0 takes a free one.

    Raises:
        OSError: the port is taken; the text names it.
    """
    # asyncio turns Nagle off only for sockets that say TCP: without it every answer waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno, f"port {port} on {LOOPBACK} is taken; stop what uses it or choose another"
        ) from error
    listener.listen(128)
    return listener
