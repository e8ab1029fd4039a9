"""Writes ../evaluate.json: measures, calibration curves, several classes and regression by scikit-learn.

Needs numpy and scikit-learn; the versions used are in the JSON. Run: python tests/golden/scripts/evaluate.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    matthews_corrcoef,
    mean_absolute_error,
    mean_squared_error,
    precision_recall_fscore_support,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

GOLDEN = Path(__file__).resolve().parent.parent
THRESHOLDS = [0.15, 0.3, 0.5, 0.75]


def six(values):
    return np.array([float(f"{v:.6g}") for v in np.ravel(values)]).reshape(np.shape(values))


def probabilities() -> list[dict]:
    rng = np.random.default_rng(21)
    cases = {}
    labels = (rng.uniform(size=300) < 0.2).astype(int)
    cases["noisy"] = (labels, six(1 / (1 + np.exp(-(2 * rng.normal(size=300) + 3 * labels - 2)))))
    cases["on the borders of bins"] = (labels, np.round(rng.uniform(size=300), 1))
    cases["certain"] = (labels, labels.astype(float))
    cases["one value"] = (labels, np.full(300, 0.2))
    cases["two rows"] = (np.array([0, 1]), np.array([0.8, 0.3]))
    found = []
    for name, (truth, scores) in cases.items():
        observed, predicted = calibration_curve(truth, scores, n_bins=10)
        at = []
        for threshold in THRESHOLDS:
            flags = (scores > threshold).astype(int)
            at.append({
                "flags": flags.tolist(),
                "balancedAccuracy": balanced_accuracy_score(truth, flags),
                "mcc": matthews_corrcoef(truth, flags),
            })
        found.append({
            "name": name,
            "labels": truth.tolist(),
            "probabilities": scores.tolist(),
            "brier": brier_score_loss(truth, scores),
            "predicted": predicted.tolist(),
            "observed": observed.tolist(),
            "at": at,
        })
    return found


def classes() -> list[dict]:
    rng = np.random.default_rng(22)
    found = []
    for name, n, shares in [
        ("three", 240, [0.6, 0.3, 0.1]),
        ("five, one rare", 200, [0.3, 0.3, 0.2, 0.19, 0.01]),
        ("one that nobody decides for", 90, [0.5, 0.45, 0.05]),
    ]:
        k = len(shares)
        truth = rng.choice(k, size=n, p=shares)
        truth[:k] = range(k)
        logits = rng.normal(size=(n, k)) + 1.2 * np.eye(k)[truth]
        if name.startswith("one that"):
            logits[:, 2] -= 8
        chances = six(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
        decided = chances.argmax(axis=1)
        precision, recall, f1, support = precision_recall_fscore_support(truth, decided, zero_division=0, labels=range(k))
        found.append({
            "name": name,
            "truth": truth.tolist(),
            "decided": decided.tolist(),
            "probabilities": chances.ravel().tolist(),
            "confusion": confusion_matrix(truth, decided, labels=range(k)).tolist(),
            "accuracy": accuracy_score(truth, decided),
            "balancedAccuracy": balanced_accuracy_score(truth, decided),
            "macroF1": f1_score(truth, decided, average="macro", zero_division=0),
            "weightedF1": f1_score(truth, decided, average="weighted", zero_division=0),
            "rocAuc": float(np.mean([roc_auc_score(truth == c, chances[:, c]) for c in range(k)])),
            "precision": precision.tolist(),
            "recall": recall.tolist(),
            "f1": f1.tolist(),
            "support": support.tolist(),
        })
    return found


def regressions() -> list[dict]:
    rng = np.random.default_rng(23)
    cases = {
        "noisy": (rng.normal(size=150) * 3 + 10, 0.5),
        "counts": (rng.poisson(2, size=120).astype(float), 0.3),
        "far from zero": (1e6 + rng.normal(size=80), 0.2),
        "worse than the mean": (rng.normal(size=60), 5.0),
    }
    found = []
    for name, (actual, noise) in cases.items():
        actual = np.array([float(f"{v:.12g}") for v in actual])
        predicted = np.array([float(f"{v:.12g}") for v in actual + noise * rng.normal(size=len(actual))])
        found.append({
            "name": name,
            "actual": actual.tolist(),
            "predicted": predicted.tolist(),
            "mse": mean_squared_error(actual, predicted),
            "rmse": root_mean_squared_error(actual, predicted),
            "mae": mean_absolute_error(actual, predicted),
            "r2": r2_score(actual, predicted),
        })
    for name, actual, predicted in [("constant, right", [2.0, 2.0], [2.0, 2.0]), ("constant, wrong", [2.0, 2.0], [2.0, 3.0])]:
        found.append({
            "name": name,
            "actual": actual,
            "predicted": predicted,
            "mse": mean_squared_error(actual, predicted),
            "rmse": root_mean_squared_error(actual, predicted),
            "mae": mean_absolute_error(actual, predicted),
            "r2": r2_score(actual, predicted),
        })
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    golden = {
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "probabilities": probabilities(),
        "classes": classes(),
        "regressions": regressions(),
    }
    (GOLDEN / "evaluate.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
