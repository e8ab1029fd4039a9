"""Writes ../models.json and ../models/*.csv: what scikit-learn makes of small data sets.

Needs numpy and scikit-learn; the versions used are in the JSON. Run:

    python tests/golden/scripts/models.py FOLDER

FOLDER holds the ADBench sets as CSV (f0..fN, label); see tests/golden/models/README.md. Takes about two minutes.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)

GOLDEN = Path(__file__).resolve().parent.parent
SETS = ["annthyroid", "cardio", "mammography", "satimage-2", "thyroid", "vowels"]
MAX_ROWS = 1_000
N_SEEDS = 200


def extract(source: Path, name: str) -> np.ndarray:
    """A seeded sample of rows, values rounded to three significant digits, written as CSV and read back."""
    table = np.loadtxt(source / f"{name}.csv", delimiter=",", skiprows=1)
    rng = np.random.default_rng(2026)
    rows = np.sort(rng.choice(len(table), size=min(MAX_ROWS, len(table)), replace=False))
    target = GOLDEN / "models" / f"{name}.csv"
    header = (source / f"{name}.csv").read_text().split("\n", 1)[0]
    lines = [",".join([*(f"{v:.3g}" for v in row[:-1]), str(int(row[-1]))]) for row in table[rows]]
    target.write_text("\n".join([header, *lines]) + "\n")
    return np.loadtxt(target, delimiter=",", skiprows=1)


def isolation_forests(source: Path) -> list[dict]:
    sets = []
    for name in SETS:
        table = extract(source, name)
        rows, labels = table[:, :-1], table[:, -1].astype(int)
        aucs = []
        for seed in range(N_SEEDS):
            forest = IsolationForest(n_estimators=200, max_samples=256, random_state=seed).fit(rows)
            aucs.append(roc_auc_score(labels, -forest.score_samples(rows)))
        sets.append({"name": name, "seeds": N_SEEDS, "meanRocAuc": float(np.mean(aucs)), "sdRocAuc": float(np.std(aucs))})
        print(name, rows.shape, int(labels.sum()), sets[-1]["meanRocAuc"], sets[-1]["sdRocAuc"])
    return sets


def contamination_thresholds() -> list[dict]:
    """Scores, and the threshold that IsolationForest(contamination=...) takes from them."""
    rng = np.random.default_rng(3)
    cases = []
    for n, contamination in [(1, 0.1), (2, 0.5), (10, 0.1), (37, 0.06), (100, 0.05), (101, 0.33), (250, 0.015)]:
        scores = rng.beta(3, 4, size=n)
        if n == 100:
            scores = np.round(scores, 1)
        offset = np.percentile(-scores, 100.0 * contamination)
        flags = (-scores - offset < 0).astype(int)
        cases.append({"contamination": contamination, "scores": scores.tolist(), "threshold": -float(offset), "flags": flags.tolist()})
    return cases


def logistic_regressions() -> list[dict]:
    rng = np.random.default_rng(11)

    def planted(n, coefficients, intercept, rows=None):
        rows = rng.normal(size=(n, len(coefficients))) if rows is None else rows
        chance = 1 / (1 + np.exp(-(rows @ coefficients + intercept)))
        return rows, (rng.uniform(size=n) < chance).astype(int)

    cases = {}
    cases["balanced"] = planted(80, np.array([1.5, -2.0, 0.5]), 0.0)
    cases["unbalanced"] = planted(150, np.array([1.0, 1.0]), -3.0)
    base = rng.normal(size=(90, 2))
    correlated = np.column_stack([base, base[:, 0] + 1e-3 * rng.normal(size=90), base @ [1.0, -1.0] + 0.01 * rng.normal(size=90)])
    cases["correlated"] = planted(90, np.array([1.0, -0.5, 1.0, 0.2]), 0.3, correlated)
    line = np.linspace(-2, 2, 40)[:, None]
    cases["separable"] = (line, (line[:, 0] > 0.5).astype(int))
    ties = rng.integers(0, 3, size=(60, 3)).astype(float)
    cases["wide range"] = planted(60, np.array([0.02, 3.0, -1.0]), -1.0, ties * np.array([100.0, 1.0, 0.1]))
    constant = np.column_stack([rng.normal(size=50), np.zeros(50)])
    cases["constant feature"] = planted(50, np.array([1.0, 0.0]), 0.5, constant)

    fits = []
    for name, (rows, labels) in cases.items():
        rows = np.array([[float(f"{v:.6g}") for v in row] for row in rows])
        for c in (0.01, 1.0, 100.0):
            model = LogisticRegression(C=c, tol=1e-13, max_iter=10_000, solver="newton-cholesky").fit(rows, labels)
            fits.append({
                "name": name,
                "c": c,
                "rows": rows.tolist(),
                "labels": labels.tolist(),
                "coefficients": model.coef_[0].tolist(),
                "intercept": float(model.intercept_[0]),
                "probabilities": model.predict_proba(rows)[:5, 1].tolist(),
            })
    return fits


def metrics() -> list[dict]:
    rng = np.random.default_rng(5)
    cases = []

    def add(name, scores, labels, threshold):
        flags = (scores > threshold).astype(int)
        tn, fp, fn, tp = confusion_matrix(labels, flags, labels=[0, 1]).ravel()
        fpr, tpr, _ = roc_curve(labels, scores)
        precision, recall, _ = precision_recall_curve(labels, scores, drop_intermediate=True)
        cases.append({
            "name": name,
            "scores": scores.tolist(),
            "flags": flags.tolist(),
            "labels": labels.tolist(),
            "accuracy": accuracy_score(labels, flags),
            "precision": precision_score(labels, flags, zero_division=0),
            "recall": recall_score(labels, flags, zero_division=0),
            "f1": f1_score(labels, flags, zero_division=0),
            "rocAuc": roc_auc_score(labels, scores),
            "prAuc": average_precision_score(labels, scores),
            "confusion": {"tp": int(tp), "fp": int(fp), "tn": int(tn), "fn": int(fn)},
            "roc": np.column_stack([fpr, tpr]).ravel().tolist(),
            "pr": np.column_stack([recall[::-1], precision[::-1]]).ravel().tolist(),
        })

    labels = (rng.uniform(size=200) < 0.2).astype(int)
    add("distinct scores", rng.normal(size=200) + labels, labels, 1.0)
    add("many ties", np.round(rng.normal(size=200) + labels), labels, 1.0)
    add("one score for all", np.full(30, 0.5), labels[:30], 0.5)
    add("perfect", labels[:50].astype(float), labels[:50], 0.5)
    add("upside down", -labels[:50].astype(float), labels[:50], -0.5)
    add("nothing flagged", rng.uniform(size=40), (np.arange(40) % 7 == 0).astype(int), 2.0)
    add("two rows", np.array([0.1, 0.9]), np.array([1, 0]), 0.5)
    return cases


def main() -> None:
    (GOLDEN / "models").mkdir(exist_ok=True)
    golden = {
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "averagePathLength": [
            {"n": n, "value": float(_average_path_length([n])[0])} for n in [0, 1, 2, 3, 4, 7, 10, 100, 255, 256, 1000, 65536]
        ],
        "isolationForests": isolation_forests(Path(sys.argv[1])),
        "contaminationThresholds": contamination_thresholds(),
        "logisticRegressions": logistic_regressions(),
        "metrics": metrics(),
    }
    assert all(math.isfinite(fit["intercept"]) for fit in golden["logisticRegressions"])
    (GOLDEN / "models.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
