"""A fitted estimator as a folder in MLflow's model format (mlflow.org/docs/latest/ml/model, "Storage Format").

Written by hand, since mlflow-skinny's scikit-learn flavor asks for pandas. `mlflow.pyfunc.load_model` of the whole
MLflow reads it.
"""

import pickle
import platform
from importlib.metadata import version
from pathlib import Path

import yaml

from local.samples.training import Trained

_PICKLE = "model.pkl"


def write_model_folder(folder: Path, trained: Trained, run_id: str) -> None:
    """Write `MLmodel`, `model.pkl` and `requirements.txt` into a new folder.

    Raises:
        OSError: the folder exists, or cannot be written.
    """
    folder.mkdir(parents=True)
    (folder / _PICKLE).write_bytes(pickle.dumps(trained.estimator, protocol=5))
    (folder / "MLmodel").write_text(yaml.safe_dump(_description(run_id), sort_keys=False), "utf-8")
    (folder / "requirements.txt").write_text(f"scikit-learn=={version('scikit-learn')}\n", "utf-8")


def _description(run_id: str) -> dict[str, object]:
    return {
        "artifact_path": "model",
        "flavors": {
            "python_function": {
                "env": {"virtualenv": "requirements.txt"},
                "loader_module": "mlflow.sklearn",
                "model_path": _PICKLE,
                "predict_fn": "predict",
                "python_version": platform.python_version(),
            },
            "sklearn": {
                "code": None,
                "pickled_model": _PICKLE,
                "serialization_format": "pickle",
                "sklearn_version": version("scikit-learn"),
            },
        },
        "mlflow_version": version("mlflow-skinny"),
        "run_id": run_id,
    }
