"""What all parts of the configuration share."""

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid")
DEFAULT_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
