"""Writes ../formulas.json: own features of the logs in ../features, by a second implementation on pandas.

Needs numpy and pandas; the versions used are in the JSON. Run:

    python tests/golden/scripts/formulas.py

Each formula stands beside the expression over an entity's rows, in time order, that says the same in pandas.
"""

import json
import platform
from pathlib import Path

import numpy as np
import pandas as pd

GOLDEN = Path(__file__).resolve().parent.parent
MINUTE = pd.Timedelta(minutes=1)


def known(values: pd.Series, condition: pd.Series) -> pd.Series:
    """A condition where the values that it is about are known."""
    return condition[values.notna()]


# success is True or False in every record; failure_reason is missing where success is True.
ATTEMPTS = {
    "count()": len,
    "count(not success) / max(count(success), 1)": lambda r: (~r.success).sum() / max(r.success.sum(), 1),
    "share(hour(datetime) < 6 or is_weekend(datetime))": lambda r: (
        (r.datetime.dt.hour < 6) | (r.datetime.dt.day_of_week >= 5)
    ).mean(),
    "is_night(datetime, 22, 6)": lambda r: ((r.datetime.dt.hour >= 22) | (r.datetime.dt.hour < 6)).mean(),
    "distinct(source_ip)": lambda r: r.source_ip.nunique(),
    "minutes(lowest(datetime), highest(datetime)) / max(count() - 1, 1)": lambda r: (
        (r.datetime.max() - r.datetime.min()) / MINUTE / max(len(r) - 1, 1)
    ),
    "failure_reason = 'error_wrong_password'": lambda r: known(
        r.failure_reason, r.failure_reason == "error_wrong_password"
    ).mean(),
    "count(starts_with(source_ip, '1') && success)": lambda r: (
        r.source_ip.str.startswith("1") & r.success
    ).sum(),
    "length(source_ip)": lambda r: r.source_ip.str.len().mean(),
    "stddev(hour(datetime) + day(datetime) / 31)": lambda r: np.std(
        r.datetime.dt.hour + r.datetime.dt.day / 31, ddof=0
    ),
    "median(minutes('2018-11-01', datetime))": lambda r: (
        (r.datetime - pd.Timestamp("2018-11-01")) / MINUTE
    ).median(),
    "log1p(sum(if(success, 1, 2.5))) ^ 0.5": lambda r: np.sqrt(
        np.log1p(np.where(r.success, 1, 2.5).sum())
    ),
    "coalesce(last(failure_reason), 'none') = 'none'": lambda r: float(r.failure_reason.dropna().empty),
    "first(source_ip) = last(source_ip)": lambda r: float(r.source_ip.iloc[0] == r.source_ip.iloc[-1]),
    "round(mean(weekday(datetime)) * 10) / 10": lambda r: (
        np.floor(r.datetime.dt.day_of_week.mean() * 10 + 0.5) / 10
    ),
}

# Country, browser and device have gaps.
LOGINS = {
    "distinct(coalesce(Country, 'none'))": lambda r: r["Country"].fillna("none").nunique(),
    "share(in(Country, 'US', 'NO'))": lambda r: known(r["Country"], r["Country"].isin(["US", "NO"])).mean(),
    "count(is_missing(Country)) / count()": lambda r: r["Country"].isna().mean(),
    "share(contains(lower([Browser Name and Version]), 'chrome'))": lambda r: (
        r["Browser Name and Version"].dropna().str.lower().str.contains("chrome").mean()
    ),
    "share([Device Type] != 'mobile' and Country = 'US')": lambda r: three_valued_and(
        [r["Device Type"] != "mobile", r["Country"] == "US"],
        [r["Device Type"].isna(), r["Country"].isna()],
    ),
    "clamp(count(), 3, 20) % 7": lambda r: min(max(len(r), 3), 20) % 7,
    "mean(exp(-hour([Login Timestamp]) / 8))": lambda r: np.exp(-r["Login Timestamp"].dt.hour / 8).mean(),
    "log(sum(length(Country)))": lambda r: np.log(r["Country"].str.len().sum() or np.nan),
    "max(length(Country), month([Login Timestamp]))": lambda r: (
        r["Login Timestamp"].dt.month.where(r["Country"].notna()).mean()
    ),
}


def three_valued_and(parts: list, missing: list) -> float:
    """The share of rows where all parts hold, of those where that is known: some part is known not to, or all are known."""
    is_false = np.logical_or.reduce([~part & ~gap for part, gap in zip(parts, missing)])
    is_known = is_false | ~np.logical_or.reduce(missing)
    return float((~is_false)[is_known].mean()) if is_known.any() else np.nan


def golden(file: str, entity: str, time: str, formulas: dict) -> dict:
    types = {entity: str}
    log = pd.read_csv(GOLDEN / "features" / f"{file}.csv", dtype=types, keep_default_na=False, na_values=[""])
    log = log.dropna(subset=[entity, time])
    log[time] = pd.to_datetime(log[time], format="ISO8601").dt.floor("ms")
    rows = dict(list(log.sort_values(time, kind="stable").groupby(entity)))
    values = {
        formula: {name: number(expression(own)) for name, own in rows.items()}
        for formula, expression in formulas.items()
    }
    return {"file": file, "entity": entity, "time": time, "values": values}


def number(value) -> float | None:
    return None if pd.isna(value) else float(value)


CASES = [
    golden("login_attempts", "username", "datetime", ATTEMPTS),
    golden("logins", "User ID", "Login Timestamp", LOGINS),
]

if __name__ == "__main__":
    made_by = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}
    lines = [json.dumps(case, ensure_ascii=False) for case in CASES]
    text = '{"made_by": ' + json.dumps(made_by) + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"
    (GOLDEN / "formulas.json").write_text(text, encoding="utf-8")
