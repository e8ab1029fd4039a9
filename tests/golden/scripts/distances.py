"""Writes ../distances.json: local outlier factors, distances to neighbours and one-class support vector machines on the
sets in ../models, by scikit-learn.

Needs numpy and scikit-learn; the versions used are in the JSON. Run:

    python tests/golden/scripts/distances.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM

GOLDEN = Path(__file__).resolve().parent.parent
SETS = ["annthyroid", "cardio", "mammography", "satimage-2", "thyroid", "vowels"]
# Enough to hold every measure to, few enough to read.
N_ROWS = 200


def apart(rows: np.ndarray) -> np.ndarray:
    """Rows moved a little, each otherwise: which of several equally near neighbours is taken is a matter of taste."""
    row, feature = np.indices(rows.shape)
    return rows + (row * row * 31 + row * feature * 7919 + feature * 104729) % 10007 / 10007 * 0.01


def scaled(rows: np.ndarray) -> np.ndarray:
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


def main() -> None:
    cases = []
    for name in SETS:
        table = np.loadtxt(GOLDEN / "models" / f"{name}.csv", delimiter=",", skiprows=1)
        rows, labels = apart(table[:, :-1]), table[:, -1].astype(int)
        for k in (5, 20):
            lof = LocalOutlierFactor(n_neighbors=k).fit(rows)
            distances = NearestNeighbors(n_neighbors=k).fit(rows).kneighbors()[0]
            measures = {"lof": -lof.negative_outlier_factor_, "knn": distances.mean(axis=1)}
            for detector, raw in measures.items():
                auc = roc_auc_score(labels, raw)
                print(f"{name:12} {detector} {k:2} {auc:.4f}")
                cases.append(
                    {
                        "name": name,
                        "detector": detector,
                        "neighbors": k,
                        "rocAuc": auc,
                        "raw": raw[:N_ROWS].tolist(),
                    }
                )
        for kernel, nu in [("rbf", 0.5), ("rbf", 0.1)]:
            # To the end: a solution within the usual tolerance is one of many.
            raw = -OneClassSVM(kernel=kernel, nu=nu, tol=1e-9).fit(scaled(rows)).decision_function(scaled(rows))
            auc = roc_auc_score(labels, raw)
            print(f"{name:12} ocsvm {kernel} {nu} {auc:.4f}")
            cases.append(
                {
                    "name": name,
                    "detector": "ocsvm",
                    "neighbors": 20,
                    "ocsvm": {"kernel": kernel, "nu": nu, "tolerance": 1e-9},
                    "rocAuc": auc,
                    "raw": raw[:N_ROWS].tolist(),
                }
            )
    versions = {"numpy": np.__version__, "scikit-learn": sklearn.__version__}
    text = json.dumps({"versions": versions, "cases": cases}, separators=(",", ":"))
    (GOLDEN / "distances.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
