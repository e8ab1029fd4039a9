"""Writes ../learn.json: scikit-learn's logistic regression under each penalty, with class weights, of several classes.

Needs numpy and scikit-learn; the versions used are in the JSON. Run: python tests/golden/scripts/learn.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

GOLDEN = Path(__file__).resolve().parent.parent


def data(rng, n, k, shift=0.0):
    rows = np.array([[float(f"{v:.6g}") for v in row] for row in rng.normal(size=(n, 6))])
    rows[:, 3] = (rows[:, 3] > 0.4).astype(float)
    weights = np.array([[1.5, -1.0, 0.0, 0.8, 0.0, 0.2], [-1.0, 0.5, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.2, -0.5, 0.3, 0.0]])
    if k == 2:
        chance = 1 / (1 + np.exp(-(rows @ weights[0] + shift)))
        return rows, (rng.uniform(size=n) < chance).astype(int)
    logits = rows @ weights[:k].T + np.array([0.0, -0.5, -1.5])[:k]
    return rows, (logits + rng.gumbel(size=(n, k))).argmax(axis=1)


def model(penalty, c, class_weight):
    common = {"class_weight": class_weight, "tol": 1e-13, "max_iter": 1_000_000}
    match penalty:
        case "l1":
            return LogisticRegression(C=c, l1_ratio=1, solver="saga", **common)
        case "l2":
            return LogisticRegression(C=c, solver="newton-cholesky", **common)
        case "none":
            return LogisticRegression(C=np.inf, solver="newton-cholesky", **common)


def main() -> None:
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(31)
    sets = []
    for n, k, shift in [(200, 2, 0.0), (300, 2, -2.5), (240, 3, 0.0)]:
        rows, classes = data(rng, n, k, shift)
        fits = []
        sets.append({"nClasses": k, "rows": rows.tolist(), "classes": classes.tolist(), "fits": fits})
        for penalty, cs in [("l2", [0.05, 1.0, 30.0]), ("l1", [0.05, 0.3, 5.0]), ("none", [1.0])]:
            for c in cs:
                for class_weight in [None, "balanced"] if k == 2 else [None]:
                    one = model(penalty, c, class_weight)
                    fitted = (OneVsRestClassifier(one) if k > 2 else one).fit(rows, classes)
                    parts = [e for e in fitted.estimators_] if k > 2 else [fitted]
                    fits.append({
                        "penalty": penalty,
                        "c": c,
                        "balanced": class_weight == "balanced",
                        "coefficients": [e.coef_[0].tolist() for e in parts],
                        "intercepts": [float(e.intercept_[0]) for e in parts],
                        "probabilities": fitted.predict_proba(rows[:5]).tolist(),
                    })
    golden = {"versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__}, "sets": sets}
    (GOLDEN / "learn.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
