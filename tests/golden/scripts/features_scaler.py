"""Writes ../features_scaler.json: what scikit-learn's StandardScaler makes of columns that are hard to scale, and the
exact means and standard deviations, because scikit-learn adds up with rounding.

Needs numpy and scikit-learn; the versions used are in the JSON. Run:

    python tests/golden/scripts/features_scaler.py
"""

import json
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import sklearn
from sklearn.preprocessing import StandardScaler

GOLDEN = Path(__file__).resolve().parent.parent
N_ROWS = 97

rng = np.random.default_rng(11)
columns = {
    "plain": rng.normal(3, 2, N_ROWS),
    "large offset": 1e9 + rng.normal(0, 1, N_ROWS),
    "milliseconds": (1.7e12 + rng.integers(0, 86_400_000, N_ROWS)).astype(float),
    "tiny": 1e-12 * rng.normal(0, 1, N_ROWS),
    "constant": np.full(N_ROWS, 0.1),
    "constant up to rounding": 1e6 + 1e-10 * rng.integers(0, 2, N_ROWS),
    "mostly zero": np.where(rng.random(N_ROWS) < 0.03, 1.0, 0.0),
    "heavy tail": rng.lognormal(0, 4, N_ROWS),
}
rows = np.column_stack(list(columns.values()))


def exact(column: np.ndarray) -> tuple:
    """Mean and population standard deviation, each rounded once."""
    values = [Fraction(value) for value in column.tolist()]
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    with localcontext() as context:
        context.prec = 50
        deviation = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    return float(mean), float(deviation)


scaler = StandardScaler().fit(rows)
golden = {
    "made_by": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
    "columns": list(columns),
    "rows": rows.tolist(),
    "mean": scaler.mean_.tolist(),
    "scale": scaler.scale_.tolist(),
    "exact": [exact(column) for column in columns.values()],
    "scaled": scaler.transform(rows).tolist(),
}
(GOLDEN / "features_scaler.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")
