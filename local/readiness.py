"""How to know that a child process is ready: by the JSON line it prints, or by a URL that answers."""

import contextlib
import json
import ssl
import urllib.error
import urllib.request
from typing import Any

from local.processes import Child, Ready


def ready_line(child: Child) -> dict[str, Any] | None:
    """The child's ready line: one line holding a JSON object with `"ready": true`, as every server of `local` prints."""
    for line in child.output().splitlines():
        if line.startswith("{") and '"ready"' in line:
            with contextlib.suppress(json.JSONDecodeError):
                fields = json.loads(line)
                if fields.get("ready") is True:
                    return dict(fields)
    return None


def answers(url: str, *, tls: ssl.SSLContext | None = None) -> Ready:
    """Ready as soon as `url` gives any HTTP answer, an error status included."""

    def check(_child: Child) -> dict[str, Any] | None:
        return {"url": url} if _answers(url, tls) else None

    return check


def all_of(*checks: Ready) -> Ready:
    """Ready when every one of `checks` is; their fields are joined."""

    def check(child: Child) -> dict[str, Any] | None:
        joined: dict[str, Any] = {}
        for each in checks:
            found = each(child)
            if found is None:
                return None
            joined |= found
        return joined

    return check


def _answers(url: str, tls: ssl.SSLContext | None) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2, context=tls):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False
