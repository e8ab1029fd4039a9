"""One native peer of one model, on one thread: `models.py PEER FILE [EPOCHS]`.

The file is `entity,date,f0,f1,...`, or `label,f0,f1,...` for learners, the one the other contestants have; features are
standardised. Fit and score are timed, reading and imports are not. Learners are fitted to the first 70 % of the rows and
predict all. Prints one JSON line: milliseconds, milliseconds of processor time, which other work on the machine disturbs
less, and of learners the area under the ROC curve of the other rows. `models.py --list` names the peers that are installed.
"""
import importlib.util
import json
import os
import sys
import time
import warnings

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
    os.environ[name + "_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")


def sklearn_iforest(x):
    from sklearn.ensemble import IsolationForest

    return lambda: IsolationForest(n_estimators=200, max_samples=256, n_jobs=1, random_state=1).fit(x).score_samples(x)


def isotree_iforest(x):
    import numpy as np
    from isotree import IsolationForest

    # By column, which it is faster with.
    x = np.asfortranarray(x.astype(np.float64))
    make = lambda: IsolationForest(
        ntrees=200, sample_size=256, ndim=1, nthreads=1, missing_action="fail", random_seed=1)
    return lambda: make().fit(x).predict(x)


def sklearn_autoencoder(x, epochs):
    from sklearn.neural_network import MLPRegressor

    def run():
        model = MLPRegressor(hidden_layer_sizes=(14, 7, 14), batch_size=32, max_iter=epochs, tol=0,
                             n_iter_no_change=10**6, alpha=0, random_state=1).fit(x, x)
        return ((model.predict(x) - x) ** 2).mean(1)

    return run


def sklearn_knn(x):
    from sklearn.neighbors import NearestNeighbors

    return lambda: NearestNeighbors(n_neighbors=20, n_jobs=1).fit(x).kneighbors()[0].mean(1)


def sklearn_lof(x):
    from sklearn.neighbors import LocalOutlierFactor

    return lambda: LocalOutlierFactor(n_neighbors=20, n_jobs=1).fit(x).negative_outlier_factor_


def sklearn_ocsvm(x):
    from sklearn.svm import OneClassSVM

    return lambda: OneClassSVM(nu=0.05, gamma="scale").fit(x).decision_function(x)


def pyod_ecod(x):
    from pyod.models.ecod import ECOD

    return lambda: ECOD(n_jobs=1).fit(x).decision_scores_


def pyod_copod(x):
    from pyod.models.copod import COPOD

    return lambda: COPOD(n_jobs=1).fit(x).decision_scores_


def pyod_hbos(x):
    from pyod.models.hbos import HBOS

    return lambda: HBOS().fit(x).decision_scores_


def sklearn_logistic():
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1.0, max_iter=1000)


def sklearn_forest():
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=100, n_jobs=1, random_state=1)


def sklearn_boosting():
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=100, learning_rate=0.1, max_depth=6, max_leaf_nodes=None,
                                          min_samples_leaf=1, l2_regularization=1.0, early_stopping=False)


def xgboost_boosting():
    import xgboost

    return xgboost.XGBClassifier(n_estimators=100, learning_rate=0.1, max_depth=6, max_bin=255, tree_method="hist",
                                 n_jobs=1)


def lightgbm_boosting():
    import lightgbm

    return lightgbm.LGBMClassifier(n_estimators=100, learning_rate=0.1, max_depth=6, num_leaves=64, max_bin=255,
                                   min_child_samples=1, min_child_weight=1.0, reg_lambda=1.0, n_jobs=1, verbose=-1)


# By learner: of which package, and the model unfitted.
LEARNERS = {
    "scikit-learn logistic": ("sklearn", sklearn_logistic),
    "scikit-learn forest": ("sklearn", sklearn_forest),
    "scikit-learn boosting": ("sklearn", sklearn_boosting),
    "xgboost boosting": ("xgboost", xgboost_boosting),
    "lightgbm boosting": ("lightgbm", lightgbm_boosting),
}

# By detector: of which package, and how.
PEERS = {
    "scikit-learn iforest": ("sklearn", sklearn_iforest),
    "isotree iforest": ("isotree", isotree_iforest),
    "scikit-learn autoencoder": ("sklearn", sklearn_autoencoder),
    "scikit-learn knn": ("sklearn", sklearn_knn),
    "scikit-learn lof": ("sklearn", sklearn_lof),
    "scikit-learn ocsvm": ("sklearn", sklearn_ocsvm),
    "pyod ecod": ("pyod", pyod_ecod),
    "pyod copod": ("pyod", pyod_copod),
    "pyod hbos": ("pyod", pyod_hbos),
}


def main():
    if sys.argv[1:] == ["--list"]:
        every = {**PEERS, **LEARNERS}
        print(json.dumps([peer for peer, (package, _) in every.items() if importlib.util.find_spec(package)]))
        return
    import numpy as np

    peer, path, *epochs = sys.argv[1:]
    if peer in LEARNERS:
        learn(peer, np.loadtxt(path, delimiter=",", skiprows=1))
        return
    with open(path, encoding="utf-8") as file:
        n_columns = len(file.readline().split(","))
        x = np.loadtxt(file, delimiter=",", usecols=range(2, n_columns))
    x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    # Nothing of a library is loaded in what is timed.
    __import__({"sklearn": "sklearn.ensemble", "pyod": "pyod.models.base", "isotree": "isotree"}[PEERS[peer][0]])
    work = PEERS[peer][1](x, *map(int, epochs))
    print(json.dumps(timed(work)[0]))


def timed(work):
    """Milliseconds that some work takes, and what it gives."""
    start, start_cpu = time.perf_counter(), time.process_time()
    result = work()
    ms, cpu_ms = (time.perf_counter() - start) * 1000, (time.process_time() - start_cpu) * 1000
    return {"ms": ms, "cpuMs": cpu_ms}, result


def learn(peer, rows):
    import numpy as np
    from sklearn.metrics import roc_auc_score

    x, y = rows[:, 1:], rows[:, 0].astype(int)
    x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    k = len(x) * 7 // 10
    # The first fit of a process loads what a library loads late.
    LEARNERS[peer][1]().fit(x[:100], y[:100])
    took, chances = timed(lambda: LEARNERS[peer][1]().fit(x[:k], y[:k]).predict_proba(x)[:, 1])
    print(json.dumps({**took, "auc": roc_auc_score(y[k:], chances[k:])}))


main()
