"""The laptop platform as one object: `with Platform() as platform: ...` starts it, and leaves nothing running."""

from local.platform.address import Address, NoPlatform, read_address
from local.platform.platform import (
    DEFAULT_PORT,
    PORT_SETTING,
    Options,
    Platform,
    PortTaken,
    port_from_environment,
    promotion_path,
)
from local.platform.waiting import NeverCame, wait_for

__all__ = [
    "DEFAULT_PORT",
    "PORT_SETTING",
    "Address",
    "NeverCame",
    "NoPlatform",
    "Options",
    "Platform",
    "PortTaken",
    "port_from_environment",
    "promotion_path",
    "read_address",
    "wait_for",
]
