"""JSON objects, one a line, over a connected socket."""

import json
import socket
from typing import Any


class Lines:
    """One end of the connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")

    def send(self, document: dict[str, Any]) -> None:
        """Send one object; raises ConnectionError where nobody listens any more."""
        self._connection.sendall(json.dumps(document).encode() + b"\n")

    def receive(self) -> dict[str, Any]:
        """Wait for one object; raises ConnectionError where the other end has gone."""
        try:
            line = self._reader.readline()
        except ValueError:  # closed by another thread of ours
            line = b""
        if not line.endswith(b"\n"):
            raise ConnectionResetError("the other end has gone")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """Close our end."""
        self._reader.close()
        self._connection.close()
