"""Writes ../quality.json: ROC AUC and average precision of scikit-learn's and PyOD's detectors, as they come, on the sets
in ../shared/data/labelled beside the checkout (or in the folder given).

All rows are fitted and scored, standardised; random detectors are averaged over seeds. An infinite score (PCA gives some
where a feature is a sum of others) is the highest. PyOD's IForest, LOF and OCSVM are
scikit-learn's with the same defaults, so they stand here once. Its autoencoder needs torch and is left out: scikit-learn's
network with system D's code of 14, learning its own input, stands in.

Needs numpy, scikit-learn and pyod; the versions used are in the JSON. Some take minutes, so they can be measured one by one;
what the JSON says of the others then stays, if it is of the same versions. Run:

    python tests/golden/scripts/quality.py
    python tests/golden/scripts/quality.py --only autoencoder,OneClassSVM --sets thyroid,vowels
"""

import argparse
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pyod
import sklearn
from pyod.models.cblof import CBLOF
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.gmm import GMM
from pyod.models.hbos import HBOS
from pyod.models.inne import INNE
from pyod.models.knn import KNN
from pyod.models.loda import LODA
from pyod.models.mcd import MCD
from pyod.models.pca import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neighbors import LocalOutlierFactor
from sklearn.neural_network import MLPRegressor
from sklearn.svm import OneClassSVM

GOLDEN = Path(__file__).resolve().parent.parent
SETS = GOLDEN.parents[2] / "shared" / "data" / "labelled"
SEEDS = range(5)


def autoencoder(rows: np.ndarray, seed: int) -> np.ndarray:
    code = min(14, -(-rows.shape[1] // 2))
    net = MLPRegressor(hidden_layer_sizes=(code,), activation="tanh", alpha=0, batch_size=32, max_iter=50, tol=0, n_iter_no_change=50, random_state=seed)
    return ((net.fit(rows, rows).predict(rows) - rows) ** 2).mean(axis=1)


def loda(rows: np.ndarray, seed: int) -> np.ndarray:
    np.random.seed(seed)  # It draws from the global generator.
    return LODA().fit(rows).decision_scores_


# By name: how a seed's scores are made, and whether the seed matters.
DETECTORS = {
    "IsolationForest": (lambda x, seed: -IsolationForest(random_state=seed).fit(x).score_samples(x), True),
    "LocalOutlierFactor": (lambda x, _: -LocalOutlierFactor().fit(x).negative_outlier_factor_, False),
    "ECOD": (lambda x, _: ECOD().fit(x).decision_scores_, False),
    "COPOD": (lambda x, _: COPOD().fit(x).decision_scores_, False),
    "HBOS": (lambda x, _: HBOS().fit(x).decision_scores_, False),
    "KNN": (lambda x, _: KNN().fit(x).decision_scores_, False),
    "PCA": (lambda x, _: PCA().fit(x).decision_scores_, False),
    "MCD": (lambda x, seed: MCD(random_state=seed).fit(x).decision_scores_, True),
    "GMM": (lambda x, seed: GMM(random_state=seed).fit(x).decision_scores_, True),
    "CBLOF": (lambda x, seed: CBLOF(random_state=seed).fit(x).decision_scores_, True),
    "INNE": (lambda x, seed: INNE(random_state=seed).fit(x).decision_scores_, True),
    "LODA": (loda, True),
    "autoencoder": (autoencoder, True),
    "OneClassSVM": (lambda x, _: -OneClassSVM().fit(x).decision_function(x), False),
}


def measures(rows: np.ndarray, labels: np.ndarray, name: str) -> dict[str, float]:
    score, is_random = DETECTORS[name]
    runs = [np.nan_to_num(score(rows, seed), posinf=1e300) for seed in (SEEDS if is_random else [0])]
    return {
        "rocAuc": float(np.mean([roc_auc_score(labels, run) for run in runs])),
        "averagePrecision": float(np.mean([average_precision_score(labels, run) for run in runs])),
    }


def main() -> None:
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=SETS)
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(DETECTORS), metavar="DETECTORS")
    parser.add_argument("--sets", type=lambda names: names.split(","), metavar="SETS")
    given = parser.parse_args()
    tables = {
        path.stem: np.loadtxt(path, delimiter=",", skiprows=1)
        for path in sorted(given.folder.glob("*.csv"))
        if given.sets is None or path.stem in given.sets
    }
    path = GOLDEN / "quality.json"
    versions = {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "pyod": pyod.__version__}
    sets = {}
    if given.sets is not None or given.only != list(DETECTORS):
        known = json.loads(path.read_text())
        if known["versions"] != versions:
            sys.exit(f"{path} is of {known['versions']}, this is {versions}: measure all anew")
        sets = known["sets"]
    for name in given.only:
        for key, table in tables.items():
            rows, labels = table[:, :-1], table[:, -1].astype(int)
            spread = rows.std(axis=0)
            rows = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1)
            of_set = sets.setdefault(key, {"rows": len(table), "detectors": {}})
            of_set["detectors"][name] = measured = measures(rows, labels, name)
            print(f"{name:20} {key:14} {measured['rocAuc']:.4f} {measured['averagePrecision']:.4f}", flush=True)
            # Written as it grows: some of them take minutes.
            path.write_text(json.dumps({"versions": versions, "sets": sets}, indent=1) + "\n")


if __name__ == "__main__":
    main()
