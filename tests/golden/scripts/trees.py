"""Writes ../trees.json: what xgboost, scikit-learn and shap make of small data sets.

Needs numpy, scikit-learn, xgboost and shap; the versions used are in the JSON. Reads ../models/*.csv, which models.py
wrote. Run:

    python tests/golden/scripts/trees.py

Takes about three minutes.
"""

import json
from pathlib import Path

import numpy as np
import shap
import sklearn
import xgboost
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import r2_score, roc_auc_score

GOLDEN = Path(__file__).resolve().parent.parent
SETS = ["annthyroid", "cardio", "mammography", "satimage-2", "thyroid", "vowels"]
N_SEEDS = 30


def numbers(array) -> list:
    """As JSON, NaN as null."""
    return [[None if np.isnan(x) else float(x) for x in row] for row in array]


def few_values(rng, n_rows: int, n_features: int, n_values: int, missing: float) -> np.ndarray:
    rows = rng.integers(0, n_values, size=(n_rows, n_features)) / 4.0
    rows[rng.uniform(size=rows.shape) < missing] = np.nan
    return rows


def nested(tree: dict, place: int = 0) -> dict:
    """A tree of XGBoost JSON as nodes within nodes."""
    cover = tree["sum_hessian"][place]
    if tree["left_children"][place] == -1:
        return {"cover": cover, "value": tree["split_conditions"][place]}
    return {
        "cover": cover,
        "gain": tree["loss_changes"][place],
        "feature": tree["split_indices"][place],
        "left": nested(tree, tree["left_children"][place]),
        "right": nested(tree, tree["right_children"][place]),
    }


def first_trees() -> list[dict]:
    rng = np.random.default_rng(1)
    cases = []
    for name, objective, missing, params in [
        ("values", "reg:squarederror", 0.0, {}),
        ("values with missing", "reg:squarederror", 0.2, {"max_depth": 4}),
        ("penalties", "reg:squarederror", 0.1, {"reg_lambda": 3.0, "reg_alpha": 1.5, "gamma": 2.0}),
        ("heavy children", "reg:squarederror", 0.0, {"min_child_weight": 25.0, "learning_rate": 0.1}),
        ("classes", "binary:logistic", 0.0, {"max_depth": 5}),
        ("classes with missing", "binary:logistic", 0.1, {"min_child_weight": 2.5}),
    ]:
        rows = few_values(rng, 400, 5, 40, missing)
        value = np.nan_to_num(rows[:, 0]) + 2.0 * (np.nan_to_num(rows[:, 1], nan=9.0) > 5.0)
        value = value + rng.normal(size=len(rows))
        target = value if objective == "reg:squarederror" else (value > np.median(value)).astype(float)
        target = target.astype(np.float32).astype(float)
        base = float(np.mean(target))
        settings = {"max_depth": 6, "learning_rate": 0.3, "reg_lambda": 1.0, "reg_alpha": 0.0, "gamma": 0.0, "min_child_weight": 1.0}
        settings |= params
        matrix = xgboost.DMatrix(rows, label=target)
        booster = xgboost.train(
            settings | {"objective": objective, "base_score": base, "tree_method": "hist", "max_bin": 256, "nthread": 1},
            matrix,
            num_boost_round=1,
        )
        saved = json.loads(bytes(booster.save_raw("json")))
        tree = saved["learner"]["gradient_booster"]["model"]["trees"][0]
        cases.append(
            {
                "name": name,
                "nClasses": 0 if objective == "reg:squarederror" else 2,
                "params": settings,
                "rows": numbers(rows),
                "target": target.tolist(),
                "tree": nested(tree),
            }
        )
    return cases


def packed(estimators: list, n_features: int, n_outputs: int) -> dict:
    """Trees of scikit-learn as the engine saves trees: children in pairs, level by level."""
    out = {"n_features": n_features, "n_outputs": n_outputs, "leaf_width": n_outputs}
    out |= {"sizes": [], "cuts": [], "thresholds": [], "steps": [], "covers": [], "leaf_values": []}
    for estimator in estimators:
        tree = estimator.tree_
        order, at = [0], 0
        while at < len(order):
            node = order[at]
            out["covers"].append(float(tree.weighted_n_node_samples[node]))
            if tree.children_left[node] == -1:
                out["cuts"].append(0)
                out["leaf_values"].extend(float(v) for v in tree.value[node].ravel())
            else:
                out["cuts"].append(1 + 2 * int(tree.feature[node]))
                out["thresholds"].append(float(tree.threshold[node]))
                out["steps"].append(len(order) - at)
                order += [tree.children_left[node], tree.children_right[node]]
            at += 1
        out["sizes"].append(len(order))
    return out


def shapley_values() -> list[dict]:
    rng = np.random.default_rng(2)
    cases = []
    for name, n_features, n_classes in [("values", 4, 0), ("many features", 12, 0), ("three classes", 6, 3)]:
        rows = rng.normal(size=(300, n_features)).astype(np.float32).astype(float)
        value = rows[:, 0] * rows[:, 1] + rows[:, -1]
        if n_classes == 0:
            forest = RandomForestRegressor(4, random_state=1).fit(rows, value)
        else:
            forest = RandomForestClassifier(4, random_state=1).fit(rows, np.digitize(value, [-0.7, 0.7]))
        explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
        shares = explainer.shap_values(rows[:12], check_additivity=False).reshape(12, n_features, -1)
        cases.append(
            {
                "name": name,
                "trees": packed(forest.estimators_, n_features, max(1, n_classes)),
                "rows": numbers(rows[:12]),
                "bases": np.atleast_1d(explainer.expected_value).tolist(),
                "shares": shares.tolist(),
            }
        )
    return cases


def held_out(table: np.ndarray) -> tuple:
    """Every other row is held out."""
    return table[::2], table[1::2]


def spread(scores: list[float]) -> dict:
    return {"mean": float(np.mean(scores)), "sd": float(np.std(scores, ddof=1)), "seeds": len(scores)}


def scores() -> list[dict]:
    sets = []
    for name in SETS:
        train, test = held_out(np.loadtxt(GOLDEN / "models" / f"{name}.csv", delimiter=",", skiprows=1))
        classes, values, boosted, boosted_values = [], [], [], []
        for seed in range(N_SEEDS):
            forest = RandomForestClassifier(random_state=seed).fit(train[:, :-1], train[:, -1])
            classes.append(roc_auc_score(test[:, -1], forest.predict_proba(test[:, :-1])[:, 1]))
            # The first feature from the others.
            if seed < 10:
                forest = RandomForestRegressor(random_state=seed).fit(train[:, 1:-1], train[:, 0])
                values.append(r2_score(test[:, 0], forest.predict(test[:, 1:-1])))
            params = {"subsample": 0.8, "tree_method": "hist", "max_bin": 256, "n_jobs": 1, "random_state": seed}
            model = xgboost.XGBClassifier(n_estimators=100, **params).fit(train[:, :-1], train[:, -1].astype(int))
            boosted.append(roc_auc_score(test[:, -1], model.predict_proba(test[:, :-1])[:, 1]))
            model = xgboost.XGBRegressor(n_estimators=100, **params).fit(train[:, 1:-1], train[:, 0])
            boosted_values.append(r2_score(test[:, 0], model.predict(test[:, 1:-1])))
        sets.append(
            {
                "name": name,
                "forestRocAuc": spread(classes),
                "forestR2": spread(values),
                "boostingRocAuc": spread(boosted),
                "boostingR2": spread(boosted_values),
            }
        )
        print(sets[-1])
    return sets


if __name__ == "__main__":
    golden = {
        "versions": {
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
            "xgboost": xgboost.__version__,
            "shap": shap.__version__,
        },
        "firstTrees": first_trees(),
        "shapleyValues": shapley_values(),
        "scores": scores(),
    }
    (GOLDEN / "trees.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
