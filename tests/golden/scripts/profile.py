"""Writes ../profile.json: the numbers of a profile by pandas and scipy, and the generated tables in ../profile.

Needs numpy, pandas and scipy; the versions used are in the JSON. Run:

    python tests/golden/scripts/profile.py

`describe`, `isnull`, `nunique`, `value_counts`, `corr` and `fillna` are pandas', Cramér's V is scipy's. Histograms are the
rule that src/engine/profile/report.rs states, counted by numpy.
"""

import json
import math
import platform
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy.stats.contingency import association

GOLDEN = Path(__file__).resolve().parent.parent
MISSING = ["", "-"]


def generate() -> None:
    """Tables with missing values, ties, constants, one row, nothing."""
    rng = np.random.default_rng(20260101)
    n = 400
    word = rng.choice(["red", "green", "blue", "grey"], n, p=[0.5, 0.3, 0.15, 0.05]).astype(object)
    table = pd.DataFrame(
        {
            "word": word,
            "size": np.where(rng.random(n) < 0.7, np.where(word == "red", "small", "large"), "medium").astype(object),
            "x": rng.normal(10, 3, n).round(6),
            "far": (1e9 + rng.exponential(0.25, n)).round(6),
            "tied": rng.integers(-3, 4, n),
            "whole": rng.integers(0, 100_000, n),
            "constant": 7.5,
            "nothing": np.nan,
            "flag": np.where(rng.random(n) < 0.3, "true", "false"),
        }
    )
    table["y"] = (table["x"] * 2 + rng.normal(0, 1, n)).round(6)
    for column in ["word", "size", "x", "tied", "y", "flag"]:
        gaps = rng.random(n) < 0.08
        table[column] = table[column].astype(object).where(~gaps, None)
    table.to_csv(GOLDEN / "profile" / "mixed.csv", index=False)
    table.iloc[:1].assign(word="red", x=1.25, tied=2).to_csv(GOLDEN / "profile" / "one_row.csv", index=False)


def numbers(values: pd.Series) -> dict:
    described = values.describe()
    report = {
        "mean": described["mean"],
        "min": described["min"],
        "lowerQuartile": described["25%"],
        "median": described["50%"],
        "upperQuartile": described["75%"],
        "max": described["max"],
    }
    if values.count() > 1:
        report["deviation"] = described["std"]
    return {key: float(value) for key, value in report.items()}


def histogram(values: pd.Series) -> dict:
    values = values.dropna()
    is_whole = bool((values % 1 == 0).all())
    low, high, n = float(values.min()), float(values.max()), len(values)
    span = high - low
    spread = float(values.quantile(0.75) - values.quantile(0.25))
    wanted = 2 * spread / n ** (1 / 3) if spread > 0 else span / (math.ceil(math.log2(n)) + 1)
    if is_whole:
        width = max(math.ceil(wanted), 1)
        if span // width >= 50:
            width = math.ceil((span + 1) / 50)
        edges = [low + i * width for i in range(int(span // width) + 2)]
    else:
        n_bins = min(max(math.ceil(span / wanted), 1), 50) if span > 0 else 1
        edges = [low + span * (i / n_bins) for i in range(n_bins)] + [high]
    counts = [n] if low == high else np.histogram(values, bins=edges)[0].tolist()
    return {"edges": edges, "counts": counts}


def correlations(frame: pd.DataFrame, method: str) -> list:
    """By `Series.corr`: `DataFrame.corr` is one-pass and loses half the digits of the column "far"."""

    def one(a: str, b: str):
        with np.errstate(invalid="ignore", divide="ignore"):
            both = frame[[a] if a == b else [a, b]].dropna()
            constant = len(both) < 2 or both.nunique().min() < 2
            value = np.nan if constant else both[a].corr(both[b], method=method)
        return None if np.isnan(value) else float(value)

    return [[one(a, b) for b in frame] for a in frame]


def shortened(value: str) -> str:
    return value if len(value) <= 120 else value[:120] + "…"


def cramers_v(a: pd.Series, b: pd.Series):
    both = a.notna() & b.notna()
    table = pd.crosstab(a[both], b[both]).to_numpy()
    return float(association(table, method="cramer")) if min(table.shape, default=0) > 1 else None


def golden(file: str, times: list) -> dict:
    log = pd.read_csv(GOLDEN / f"{file}.csv", keep_default_na=False, na_values=MISSING)
    columns = {}
    for name in log:
        values = log[name]
        column = {"missing": int(values.isnull().sum()), "distinct": int(values.nunique())}
        if name in times or column["distinct"] == 0:
            pass
        elif pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            column["numbers"] = numbers(values)
            column["histogram"] = histogram(values)
        else:
            lower = lambda value: str(value).lower() if isinstance(value, bool) else value
            counts = values.map(lower, na_action="ignore").value_counts()
            top = sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))[:10]
            column["top"] = [[shortened(value), int(count)] for value, count in top if count > 1 or len(counts) <= 10]
        columns[name] = column
    numeric = [name for name in log if "numbers" in columns[name]]
    categories = [
        name for name in log if "top" in columns[name] and 2 <= columns[name]["distinct"] <= 100
    ]
    return {
        "file": file,
        "columns": columns,
        "numeric": numeric,
        "pearson": correlations(log[numeric], "pearson"),
        "spearman": correlations(log[numeric], "spearman"),
        "categories": categories,
        "cramersV": [[cramers_v(log[a], log[b]) for b in categories] for a in categories],
    }


def treatments() -> dict:
    log = pd.read_csv(GOLDEN / "profile" / "mixed.csv", keep_default_na=False, na_values=MISSING)
    return {
        "x": log["x"].fillna(log["x"].mean()).tolist(),
        "tied": log["tied"].fillna(log["tied"].median()).tolist(),
        "y": log["y"].fillna(-1.5).tolist(),
        "word": log["word"].fillna("other").tolist(),
    }


if __name__ == "__main__":
    generate()
    cases = [
        golden("profile/mixed", []),
        golden("profile/one_row", []),
        golden("profile/apache_access", ["timestamp"]),
        golden("features/login_attempts", ["datetime"]),
        golden("features/edges", ["time"]),
        golden("features/web", ["time"]),
    ]
    made_by = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scipy": scipy.__version__,
    }
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    text = f'{{"made_by": {json.dumps(made_by)},\n"cases": [\n{lines}\n],\n"filled": {json.dumps(treatments())}}}\n'
    (GOLDEN / "profile.json").write_text(text, encoding="utf-8")
