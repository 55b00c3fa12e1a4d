"""Starting the sign-in page (`local.sign_in`) beside the app."""

from pathlib import Path

from local.platform.services import ROOT, module
from local.ports import free_ports, listen
from local.processes import Children
from local.readiness import ready_line


def start_sign_in(children: Children, app: str, tokens: str, ca_bundle: Path) -> str:
    """Start it on the port after the app's, or on a free one if that is taken, and give its URL."""
    port = int(app.rpartition(":")[2]) + 1
    try:
        listen(port).close()
    except OSError:
        port = free_ports(1)[0]
    words = module("local.sign_in", "--port", str(port), "--app", app, "--tokens", tokens, "--ca", ca_bundle)
    return str(children.start("sign-in", words, ready=ready_line, cwd=ROOT).ready["url"])
