"""Prints what docs/quality.md tells of the recommended ensemble's choice: how combinations of members and ways to bring their
measures to one scale compare, and what leaving each set in turn out of the choice gives.

Three groups of sets: the labelled ones in ../shared/data/labelled beside the checkout (or in the folder given); eight
one-class problems made of scikit-learn's bundled sets, one class of each thinned out; and sixteen generated ones as ADBench
makes them (S. Han et al., *ADBench: Anomaly Detection Benchmark*, NeurIPS 2022): local, cluster, global and dependency
anomalies around a Gaussian mixture fitted to a set's normal rows. Members are scikit-learn's and PyOD's detectors with 200
trees and 50 neighbours among at most 10,000 rows; figures are means of two seeds of the forest.

Needs numpy, scikit-learn and pyod; docs/quality.md names the versions its figures are of, the script prints those it runs
with. Takes some minutes. Run:

    python tests/golden/scripts/ensemble_choice.py
"""

import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pyod
import sklearn
from pyod.models.ecod import ECOD
from pyod.models.hbos import HBOS
from sklearn import datasets
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors

SETS = Path(__file__).resolve().parents[4] / "shared" / "data" / "labelled"
GROUPS = ["labelled", "bundled", "generated"]
SEEDS = (1, 2)
NEIGHBORS = 50
MAX_REFERENCES = 10_000

Set = tuple[np.ndarray, np.ndarray]


def standardised(rows: np.ndarray) -> np.ndarray:
    spread = rows.std(axis=0)
    return (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1)


# Sets


def labelled(folder: Path) -> dict[str, Set]:
    tables = {path.stem: np.loadtxt(path, delimiter=",", skiprows=1) for path in sorted(folder.glob("*.csv"))}
    return {name: (table[:, :-1], table[:, -1].astype(int)) for name, table in tables.items()}


def bundled() -> dict[str, Set]:
    """One class of each is abnormal, of which so many rows are kept."""
    rng = np.random.default_rng(0)

    def thinned(bunch, abnormal: int, n_kept: int) -> Set:
        places = np.flatnonzero(bunch.target == abnormal)
        kept = rng.choice(places, n_kept, replace=False)
        rows = np.sort(np.concatenate([np.setdiff1d(np.arange(len(bunch.target)), places), kept]))
        return bunch.data[rows], np.isin(rows, places).astype(int)

    sets = {"breast cancer": thinned(datasets.load_breast_cancer(), 0, 18)}
    sets["wine 0"] = thinned(datasets.load_wine(), 0, 10)
    sets["wine 2"] = thinned(datasets.load_wine(), 2, 8)
    sets["iris 2"] = thinned(datasets.load_iris(), 2, 6)
    for digit in (0, 3, 4, 7):
        sets[f"digit {digit}"] = thinned(datasets.load_digits(), digit, 40)
    return sets


def generated(normal: np.ndarray, kind: str, seed: int, n_rows: int = 1_500, share: float = 0.05) -> Set:
    rng = np.random.default_rng(seed)
    rows = standardised(normal)[:, normal.std(axis=0) > 0]
    if len(rows) > 2_000:
        rows = rows[rng.choice(len(rows), 2_000, replace=False)]
    covariance = "full" if kind == "dependency" else "diag"
    fits = [GaussianMixture(k, covariance_type=covariance, random_state=0, reg_covar=1e-3).fit(rows) for k in range(1, 6)]
    mixture = min(fits, key=lambda fit: fit.bic(rows))
    n_abnormal = int(n_rows * share)
    usual = mixture.sample(n_rows - n_abnormal)[0]
    if kind == "local":
        mixture.covariances_ = mixture.covariances_ * 5
        abnormal = mixture.sample(n_abnormal)[0]
    elif kind == "cluster":
        mixture.means_ = mixture.means_ * 5
        abnormal = mixture.sample(n_abnormal)[0]
    elif kind == "global":
        abnormal = rng.uniform(1.1 * usual.min(axis=0), 1.1 * usual.max(axis=0), (n_abnormal, usual.shape[1]))
    else:
        abnormal = np.stack([rng.choice(values, n_abnormal) for values in usual.T], axis=1)
    labels = np.repeat([0, 1], [len(usual), n_abnormal])
    order = rng.permutation(n_rows)
    return np.vstack([usual, abnormal])[order], labels[order]


def all_sets(folder: Path) -> list[tuple[str, str, Set]]:
    real, small = labelled(folder), bundled()
    bases = {"cardio": real["cardio"], "thyroid": real["thyroid"]} | {name: small[name] for name in ("digit 3", "breast cancer")}
    made = {
        f"{kind} {base}": generated(rows[labels == 0], kind, seed)
        for base, (rows, labels) in bases.items()
        for seed, kind in enumerate(["local", "cluster", "global", "dependency"])
    }
    groups = zip(GROUPS, [real, small, made])
    return [(group, name, found) for group, sets in groups for name, found in sets.items()]


# Members


def neighbors(rows: np.ndarray, references: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances to the nearest references and their places, a row's own left out."""
    distances, places = NearestNeighbors(n_neighbors=NEIGHBORS + 1).fit(references).kneighbors(rows)
    has_itself = distances[:, :1] == 0
    without = [np.where(has_itself, found[:, 1:], found[:, :-1]) for found in (distances, places)]
    return without[0], without[1]


def members(rows: np.ndarray) -> dict[str, np.ndarray]:
    """The measure of every member; the forest's by seed."""
    measures = {
        f"iforest {seed}": -IsolationForest(n_estimators=200, random_state=seed).fit(rows).score_samples(rows)
        for seed in SEEDS
    }
    references = rows
    if len(rows) > MAX_REFERENCES:
        drawn = np.random.default_rng(1).choice(len(rows), MAX_REFERENCES, replace=False)
        references = rows[np.sort(drawn)]
    near = neighbors(rows, references)
    near_references = near if references is rows else neighbors(references, references)
    radius = near_references[0][:, -1]

    def density(distances: np.ndarray, places: np.ndarray) -> np.ndarray:
        return 1 / (np.maximum(distances, radius[places]).mean(axis=1) + 1e-10)

    measures["knn"] = near[0].mean(axis=1)
    measures["lof"] = density(*near_references)[near[1]].mean(axis=1) / density(*near)
    measures["hbos"] = HBOS().fit(rows).decision_scores_
    measures["ecod"] = ECOD().fit(rows).decision_scores_
    return measures


# Combinations


def robust_z(measure: np.ndarray) -> np.ndarray:
    """As single detectors are calibrated: deviations from the median in those of the upper half."""
    median = np.median(measure)
    spread = (np.quantile(measure, 0.75) - median) / 0.6744897501960817
    spread = spread or 2 * 1.2533141373155003 * np.maximum(measure - median, 0).mean()
    return (measure - median) / (spread or max(abs(median), 1) * 1e-6)


NORMALISATIONS = {
    "robust z": robust_z,
    "standardised": lambda measure: (measure - measure.mean()) / (measure.std() or 1),
    "range": lambda measure: (measure - measure.min()) / (np.ptp(measure) or 1),
}
# By name: the weight of each member.
ALONE = {"Isolation Forest alone": {"iforest": 1}, "distance to 50 neighbours alone": {"knn": 1}}
TOGETHER = {
    "forest + knn": {"iforest": 1, "knn": 1},
    "forest + knn + lof": {"iforest": 1, "knn": 1, "lof": 1},
    "forest + knn + hbos": {"iforest": 1, "knn": 1, "hbos": 1},
    "forest + knn + ecod": {"iforest": 1, "knn": 1, "ecod": 1},
    "forest + knn + (hbos, ecod sharing a vote)": {"iforest": 1, "knn": 1, "hbos": 0.5, "ecod": 0.5},
}
COMBINATIONS = [(name, "range", weights) for name, weights in ALONE.items()] + [
    (f"{name}, {scale}", scale, weights) for name, weights in TOGETHER.items() for scale in NORMALISATIONS
]


def quality(measures: dict[str, np.ndarray], labels: np.ndarray, scale: str, weights: dict[str, float]) -> np.ndarray:
    """ROC AUC and average precision, mean over seeds."""
    runs = []
    for seed in SEEDS:
        of = {name: measures[f"iforest {seed}" if name == "iforest" else name] for name in weights}
        scores = sum(weight * NORMALISATIONS[scale](of[name]) for name, weight in weights.items())
        runs.append((roc_auc_score(labels, scores), average_precision_score(labels, scores)))
    return np.mean(runs, axis=0)


def table(lines: list[tuple[str, list[np.ndarray]]]) -> None:
    print(f"\n| ROC AUC / average precision | {' | '.join(GROUPS)} |\n| --- | --- | --- | --- |")
    for name, means in lines:
        print(f"| {name} | {' | '.join(f'{auc:.3f} / {precision:.3f}' for auc, precision in means)} |")


def main() -> None:
    warnings.filterwarnings("ignore")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SETS
    if not (folder / "cardio.csv").exists():
        sys.exit(f"no labelled sets in {folder}: give the folder of ADBench's sets as CSV files")
    sets = all_sets(folder)
    found = []  # Sets x combinations x 2.
    for group, name, (rows, labels) in sets:
        measures = members(standardised(rows))
        found.append([quality(measures, labels, scale, weights) for _, scale, weights in COMBINATIONS])
        print(f"{group:9} {name:24} {len(rows):6} rows", file=sys.stderr, flush=True)
    qualities, groups = np.array(found), np.array([group for group, _, _ in sets])

    print(f"numpy {np.__version__}, scikit-learn {sklearn.__version__}, PyOD {pyod.__version__}")
    means = [qualities[groups == group].mean(axis=0) for group in GROUPS]
    table([(name, [mean[place] for mean in means]) for place, (name, _, _) in enumerate(COMBINATIONS)])

    # The choice is by the mean of both measures over the groups.
    chosen, held_out = [], []
    for left_out in range(len(sets)):
        others = np.arange(len(sets)) != left_out
        by_group = [qualities[others & (groups == group)].mean(axis=(0, 2)) for group in GROUPS]
        best = int(np.mean(by_group, axis=0).argmax())
        chosen.append(COMBINATIONS[best][0])
        held_out.append(qualities[left_out, best])
    print(f"\nEach of {len(sets)} sets left out of the choice among {len(COMBINATIONS)} combinations, which is")
    for name, count in Counter(chosen).most_common():
        print(f"  {count} times {name}")
    table([("on the set left out", [np.array(held_out)[groups == group].mean(axis=0) for group in GROUPS])])


if __name__ == "__main__":
    main()
