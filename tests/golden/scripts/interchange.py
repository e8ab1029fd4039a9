"""Puts the models of ../interchange through xgboost and onnxruntime, and has xgboost write models of its own.

Fails where predictions are not those that the engine stored in expected.json, to 1e-5. Writes verified.json: what those
programs predict, and their models. Needs numpy, onnx, onnxruntime and xgboost; the versions used are in the JSON.
The files are written by `cargo test --test interchange -- --ignored`. Run after it:

    python tests/golden/scripts/interchange.py
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import xgboost

FOLDER = Path(__file__).resolve().parent.parent / "interchange"


def matrix(rows: list) -> np.ndarray:
    return np.array([[np.nan if x is None else x for x in row] for row in rows])


def of_xgboost(path: Path, case: dict) -> np.ndarray:
    booster = xgboost.Booster()
    booster.load_model(path)
    rows = matrix(case["rows"])
    predicted = booster.predict(xgboost.DMatrix(rows, feature_names=booster.feature_names))
    return predicted


def columns(predicted: np.ndarray, is_logistic: bool) -> np.ndarray:
    """Rows x outputs, as the engine has them."""
    if predicted.ndim == 1:
        predicted = predicted[:, None]
    return np.hstack([1.0 - predicted, predicted]) if is_logistic else predicted


def of_onnx(path: Path, case: dict) -> np.ndarray:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path)
    rows = matrix(case["rows"])
    if case["inputs"]:
        every = [rows[:, [at]] for at in range(rows.shape[1])]
        texts = np.array(case["texts"], dtype=object)
        every += [texts[:, [at]] for at in range(texts.shape[1])]
        inputs = dict(zip(case["inputs"], every, strict=True))
    else:
        inputs = {"features": rows}
    outputs = dict(zip((output.name for output in session.get_outputs()), session.run(None, inputs), strict=True))
    if "value" in outputs:
        return outputs["value"]
    if "score" in outputs:
        return np.hstack([outputs["score"], outputs["flag"][:, None]])
    labels = next(values for name, values in outputs.items() if name.startswith("label"))
    assert (labels == outputs["probabilities"].argmax(axis=1)).all()
    return outputs["probabilities"]


def foreign() -> list[dict]:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(200, 4)).astype(np.float32)
    rows[rng.uniform(size=rows.shape) < 0.1] = np.nan
    value = np.nan_to_num(rows[:, 0]) + 2.0 * (np.nan_to_num(rows[:, 1]) > 0.5)
    cases = []
    for name, objective, target, params in [
        ("values", "reg:squarederror", value, {}),
        ("two classes", "binary:logistic", value > 1.0, {}),
        ("two classes, penalties", "binary:logistic", value > 1.0, {"alpha": 0.5, "gamma": 0.5, "base_score": 0.3}),
        ("three classes", "multi:softprob", np.digitize(value, [0.0, 1.5]), {"num_class": 3}),
        ("values, exact", "reg:squarederror", value, {"tree_method": "exact", "max_depth": 4}),
    ]:
        data = xgboost.DMatrix(rows, label=target.astype(float))
        booster = xgboost.train({"objective": objective, "max_depth": 3, "nthread": 1} | params, data, 3)
        cases.append(
            {
                "name": name,
                "model": json.loads(bytes(booster.save_raw("json"))),
                "rows": [[None if np.isnan(x) else float(x) for x in row] for row in rows[:40]],
                "outputs": columns(booster.predict(data), objective == "binary:logistic")[:40].tolist(),
            }
        )
    return cases


if __name__ == "__main__":
    expected = json.loads((FOLDER / "expected.json").read_text())
    predictions = {}
    for case in expected:
        path = FOLDER / case["name"]
        ours = np.array(case["outputs"])
        if path.suffix == ".json":
            theirs = columns(of_xgboost(path, case), "two" in path.name)
        else:
            theirs = of_onnx(path, case)
        worst = float(np.abs(theirs - ours).max())
        print(f"{path.name}: {path.stat().st_size} bytes, at most {worst:.2g} apart")
        assert (np.abs(theirs - ours) <= 1e-5 * np.maximum(np.abs(ours), 1.0)).all(), path.name
        predictions[path.name] = [[float(f"{x:.7g}") for x in row] for row in theirs]
    versions = {
        "numpy": np.__version__,
        "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
        "xgboost": xgboost.__version__,
    }
    verified = {"versions": versions, "predictions": predictions, "foreign": foreign()}
    (FOLDER / "verified.json").write_text(json.dumps(verified, separators=(",", ":")) + "\n")
