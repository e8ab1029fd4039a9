"""Writes ../prepare.json: what scikit-learn makes of columns with gaps, heavy tails and categories, by the pipelines that
the preparation stands for; and the exact means and standard deviations of columns that are hard to scale, because
scikit-learn adds up with rounding.

Needs numpy, scipy and scikit-learn; the versions used are in the JSON. Run:

    python tests/golden/scripts/prepare.py
"""

import json
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.stats import skew
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

GOLDEN = Path(__file__).resolve().parent.parent
N_ROWS = 53

rng = np.random.default_rng(11)


def with_gaps(values, share=0.2):
    return np.where(rng.random(len(values)) < share, np.nan, values)


numbers = {
    "plain": rng.normal(3, 2, N_ROWS),
    "large offset": 1e9 + rng.normal(0, 1, N_ROWS),
    "milliseconds": (1.7e12 + rng.integers(0, 86_400_000, N_ROWS)).astype(float),
    "tiny": 1e-12 * rng.normal(0, 1, N_ROWS),
    "constant up to rounding": 1e6 + 1e-10 * rng.integers(0, 2, N_ROWS),
    "mostly zero": np.where(rng.random(N_ROWS) < 0.03, 1.0, 0.0),
    "heavy tail": rng.lognormal(0, 4, N_ROWS),
    "light tail": rng.gamma(3, 2, N_ROWS),
    "below zero": -rng.lognormal(0, 2, N_ROWS),
    "gaps": with_gaps(rng.normal(-5, 3, N_ROWS)),
    "gaps and a mode": with_gaps(rng.integers(0, 6, N_ROWS).astype(float)),
    "gaps and a heavy tail": with_gaps(rng.pareto(0.8, N_ROWS)),
}
SCALERS = {
    "standard": StandardScaler(),
    "robust": RobustScaler(),
    "min-max": MinMaxScaler(),
    "none": FunctionTransformer(),
}
IMPUTERS = {
    "median": SimpleImputer(strategy="median"),
    "mean": SimpleImputer(strategy="mean"),
    "most-frequent": SimpleImputer(strategy="most_frequent"),
    "constant": SimpleImputer(strategy="constant", fill_value=-1.5),
}
later = {name: [float(np.nanmin(v)) - 1, float(np.nanmax(v)) * 2, np.nan] for name, v in numbers.items()}


def exact(column):
    """Mean and population standard deviation, each rounded once."""
    values = [Fraction(value) for value in column.tolist()]
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    with localcontext() as context:
        context.prec = 50
        deviation = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    return [float(mean), float(deviation)]


def listed(column):
    """NaN as null."""
    return [None if value != value else float(value) for value in np.asarray(column, dtype=float).ravel()]


def number(name, values):
    known = values[~np.isnan(values)]
    column, new = values.reshape(-1, 1), np.array(later[name]).reshape(-1, 1)
    # The rule of the engine, by scipy's skewness.
    is_heavy = bool(known.min() >= 0 and known.max() > 1 and skew(known) > 2)
    prepared = []
    for impute, imputer in IMPUTERS.items():
        for scale, scaler in SCALERS.items():
            for log1p in (False, True) if is_heavy else (False,):
                bend = FunctionTransformer(lambda x: np.log1p(np.maximum(x, 0)) if log1p else x)
                pipeline = make_pipeline(imputer, bend, scaler).fit(column)
                prepared.append(
                    {
                        "impute": impute,
                        "scale": scale,
                        "log1p": log1p,
                        "values": listed(pipeline.transform(column)),
                        "later": listed(pipeline.transform(new)),
                    }
                )
    indicator = MissingIndicator(features="all").fit(column)
    return {
        "name": name,
        "values": listed(values),
        "later": listed(later[name]),
        "heavyTail": is_heavy,
        "exact": exact(values) if len(known) == len(values) else None,
        "missing": listed(indicator.transform(column)),
        "prepared": prepared,
    }


def category(name, values):
    """`values` may hold None."""
    column = np.array(values, dtype=object).reshape(-1, 1)
    new = np.array([*dict.fromkeys(values), "never seen", None], dtype=object).reshape(-1, 1)
    prepared = []
    for impute, imputer in {
        "most-frequent": SimpleImputer(strategy="most_frequent", missing_values=None),
        "constant": SimpleImputer(strategy="constant", fill_value="missing", missing_values=None),
    }.items():
        filled, new_filled = imputer.fit_transform(column), imputer.transform(new)
        n_values = len(set(filled.ravel()))
        encoders = {
            # The column of all others counts in scikit-learn.
            f"one-hot {own}": OneHotEncoder(
                max_categories=own + 1 if own < n_values else None,
                handle_unknown="infrequent_if_exist",
                sparse_output=False,
            )
            for own in (2, 5, 20)
        }
        encoders["ordinal"] = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=n_values)
        order = list(dict.fromkeys(filled.ravel()))
        encoders["label"] = OrdinalEncoder(
            categories=[order], handle_unknown="use_encoded_value", unknown_value=n_values
        )
        shares = {value: float(np.mean(filled == value)) for value in set(filled.ravel())}
        encoders["frequency"] = FunctionTransformer(lambda x: np.vectorize(lambda v: shares.get(v, 0.0))(x))
        for encode, encoder in encoders.items():
            values_of = encoder.fit_transform(filled)
            prepared.append(
                {
                    "impute": impute,
                    "encode": encode,
                    "values": [listed(row) for row in values_of],
                    "later": [listed(row) for row in encoder.transform(new_filled)],
                }
            )
    return {"name": name, "values": values, "later": new.ravel().tolist(), "prepared": prepared}


def drawn(values, weights=None, gaps=0.0):
    chosen = rng.choice(values, N_ROWS, p=weights).tolist()
    return [None if rng.random() < gaps else value for value in chosen]


golden = {
    "made_by": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    "numbers": [number(name, values) for name, values in numbers.items()],
    "categories": [
        category("department", drawn(["Sales", "HR", "Support", "Development"], [0.5, 0.1, 0.2, 0.2])),
        category("gaps", drawn(["z", "ä", "a", "B", "missing"], gaps=0.3)),
        category("many", drawn([f"v{i}" for i in range(40)])),
        category("ties", [value for value in "cabdfe" for _ in range(3)]),
    ],
}
(GOLDEN / "prepare.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")
