"""`make docs`: write the generated pages of docs/ anew."""

import subprocess
import sys
from pathlib import Path

from local.configuration_page import configuration_page

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / "docs/configuration.md"

# Pages that write themselves: from tables that tests prove, and from what tests and faults came to.
_OF_THEIR_OWN = ("tests.domain.lifecycle_doc", "local.security_page")


def main() -> None:
    """Write every page."""
    CONFIGURATION.write_text(configuration_page(), encoding="utf-8")
    print(f"wrote {CONFIGURATION.relative_to(ROOT)}")
    for module in _OF_THEIR_OWN:
        subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=True)
        print(f"ran {module}")


if __name__ == "__main__":
    main()
