"""`make docs`: write the generated pages of docs/ anew."""

import subprocess
import sys
from pathlib import Path

from local.configuration_page import configuration_page

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / "docs/configuration.md"

# Pages whose tables of truth are tests write themselves.
_OF_TESTS = ("tests.domain.lifecycle_doc",)


def main() -> None:
    """Write every page."""
    CONFIGURATION.write_text(configuration_page(), encoding="utf-8")
    print(f"wrote {CONFIGURATION.relative_to(ROOT)}")
    for module in _OF_TESTS:
        subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=True)
        print(f"ran {module}")


if __name__ == "__main__":
    main()
