"""What a fresh process pays before its first message: CPU and memory of importing the app, over those of its SDKs alone."""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HEAVY = ("azure.ai.ml", "fastapi", "jinja2", "mlflow", "sklearn")
SDKS = "import azure.functions, azure.data.tables, azure.identity"
APP = "import function_app"
# What the first message of a queue adds: settings, and all ports built; nothing is asked of anybody.
FIRST_MESSAGE = """
import function_app
from shared import bootstrap
from shared.settings import Settings
bootstrap.build(Settings.from_mapping({
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "CLEARANCE_WORKSPACES": '{"risk-dev": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-risk'
    '/providers/Microsoft.MachineLearningServices/workspaces/risk-dev"}',
    "CLEARANCE_REGISTRIES": '["contoso-shared"]',
    "CLEARANCE_PUBLIC_URL": "http://127.0.0.1:7071",
    "CLEARANCE_TENANT_ID": "6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11",
    "POLICY_BUILD": "1",
}))
"""

# VmHWM and not ru_maxrss: that of a child begins with what its parent had (getrusage(2), exec).
_PROBE = """
import json, sys, time
began = time.process_time()
exec(sys.argv[1], {})
cpu = time.process_time() - began
try:
    rss = int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:"))) / 1024
except OSError:
    import resource
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
print(json.dumps({"cpu": cpu, "rss_mb": rss, "heavy": [name for name in sys.argv[2:] if name in sys.modules]}))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Medians over fresh processes: CPU in seconds, peak memory in MB; `heavy` are modules that any of them loaded."""

    cpu: float
    rss_mb: float
    heavy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColdStart:
    """The app, its SDKs alone, and the app up to its first message."""

    app: Start
    sdks: Start
    first_message: Start

    @property
    def cpu_ratio(self) -> float:
        """The app's CPU over that of the SDKs."""
        return self.app.cpu / self.sdks.cpu

    @property
    def heavy(self) -> tuple[str, ...]:
        """Heavy modules that were loaded before anybody needed them."""
        return tuple(sorted({*self.app.heavy, *self.first_message.heavy}))

    def as_json(self) -> dict[str, Any]:
        """As build/bench.json holds it."""
        return {
            "cpu_ratio": round(self.cpu_ratio, 3),
            "rss_mb": round(self.app.rss_mb, 1),
            "heavy_modules_loaded": list(self.heavy),
        }


def measure(starts: int) -> ColdStart:
    """Start `starts` processes of each kind, in turn, after one of each that nobody counts."""
    kinds = (APP, SDKS, FIRST_MESSAGE)
    rounds = [[probe(kind) for kind in kinds] for _ in range(starts + 1)][1:]
    return ColdStart(*(median([each[number] for each in rounds]) for number in range(len(kinds))))


def probe(code: str, python: Path = Path(sys.executable), folder: Path = ROOT) -> Start:
    """Run code in a fresh process, in `folder`, which is the first on the module path.

    Raises:
        CalledProcessError: it failed.
    """
    command = [str(python), "-Es", "-c", _PROBE, code, *HEAVY]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return Start(float(found["cpu"]), float(found["rss_mb"]), tuple(found["heavy"]))


def median(starts: list[Start]) -> Start:
    """The median of each number, and every heavy module of any."""
    heavy = {name for start in starts for name in start.heavy}
    cpu, rss_mb = ([getattr(start, name) for start in starts] for name in ("cpu", "rss_mb"))
    return Start(statistics.median(cpu), statistics.median(rss_mb), tuple(sorted(heavy)))
