"""Writes ../marginal.json: measures of detectors that look at one feature at a time, on the sets in ../models.

ECOD and COPOD are PyOD's; robust z and HBOS are written out here from their papers. Needs numpy, scikit-learn and pyod;
the versions used are in the JSON. Run:

    python tests/golden/scripts/marginal.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from sklearn.metrics import roc_auc_score

GOLDEN = Path(__file__).resolve().parent.parent
SETS = ["annthyroid", "cardio", "mammography", "satimage-2", "thyroid", "vowels"]
# Enough to hold every measure to, few enough to read.
N_ROWS = 200


def robust_z(rows: np.ndarray) -> np.ndarray:
    distance = np.abs(rows - np.median(rows, axis=0))
    deviation = np.median(distance, axis=0) / 0.6744897501960817
    mean = distance.mean(axis=0) * 1.2533141373155003
    return (distance / np.where(deviation > 0, deviation, mean)).sum(axis=1)


def hbos(rows: np.ndarray) -> np.ndarray:
    total = np.zeros(len(rows))
    for column in rows.T:
        counts, edges = np.histogram(column, bins=10)
        bar = np.clip(((column - edges[0]) / ((edges[-1] - edges[0]) / 10)).astype(int), 0, 9)
        counts = np.bincount(bar, minlength=10)
        total -= np.log2(counts[bar] / counts.max() + 0.1)
    return total


def main() -> None:
    cases = []
    for name in SETS:
        table = np.loadtxt(GOLDEN / "models" / f"{name}.csv", delimiter=",", skiprows=1)
        rows, labels = table[:, :-1], table[:, -1].astype(int)
        measures = {
            "robust-z": robust_z(rows),
            "hbos": hbos(rows),
            "ecod": ECOD().fit(rows).decision_scores_,
            "copod": COPOD().fit(rows).decision_scores_,
        }
        for detector, raw in measures.items():
            auc = roc_auc_score(labels, raw)
            print(f"{name:12} {detector:9} {auc:.4f}")
            cases.append({"name": name, "detector": detector, "rocAuc": auc, "raw": raw[:N_ROWS].tolist()})
    versions = {package: version(package) for package in ["numpy", "scikit-learn", "pyod"]}
    (GOLDEN / "marginal.json").write_text(json.dumps({"versions": versions, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
