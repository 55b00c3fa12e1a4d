"""What the command line takes from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.settings import table
from shared.settings.setting import Reading


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Where commands go and what proves who sends them; secrets come from the environment alone."""

    server: str
    token: str | None = field(default=None, repr=False)
    webhook_key: bytes | None = field(default=None, repr=False)

    @classmethod
    def from_mapping(cls, environment: Mapping[str, str]) -> "ClientSettings":
        """Read them.

        Raises:
            DocumentInvalid: with every fault.
        """
        reading = Reading(environment, "The command's environment")
        server, token = reading.take(table.SERVER), reading.take(table.TOKEN)
        key = reading.take(table.WEBHOOK_KEY)
        reading.finish()
        return cls(server, token, key)

    @classmethod
    def from_environment(cls, server: str | None = None) -> "ClientSettings":
        """Read the process's environment; `server` wins over its own."""
        chosen = {table.SERVER.name: server} if server else {}
        return cls.from_mapping({**os.environ, **chosen})  # noqa: TID251 - settings are where it is read
