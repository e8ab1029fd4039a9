"""Writes ../features_login.json: running features of logins of the logs in ../features, by a second implementation on pandas.

Needs numpy and pandas; the versions used are in the JSON. Run:

    python tests/golden/scripts/features_login.py

Written to be read beside the definitions in src/engine/features/login_rows.rs, not to be fast: every feature is a running
count over the user's rows in order of time, equal times in the order of the file.
"""

import json
import platform
from pathlib import Path

import numpy as np
import pandas as pd
from roles import LOGINS, RISK_BASED

GOLDEN = Path(__file__).resolve().parent.parent


def read(name: str, roles: dict) -> pd.DataFrame:
    """The rows with an entity and a time, columns named by role, in order of time; `record` is the row of the file."""
    log = pd.read_csv(GOLDEN / "features" / f"{name}.csv", keep_default_na=False, na_values=[""])
    log = log.rename(columns={column: role for role, column in roles.items()})
    log["record"] = np.arange(len(log))
    log = log.dropna(subset=["entity", "time"])
    log["time"] = pd.to_datetime(log["time"], format="ISO8601").dt.floor("ms")
    if "browser" in log:
        # "Chrome Mobile 81.0.1" is of the family "Chrome Mobile".
        log["browser"] = log["browser"].str.replace(r" [0-9.]+$", "", regex=True)
    return log.sort_values("time", kind="stable")


def running_distinct(log: pd.DataFrame, role: str) -> pd.Series:
    """How many different values the user had so far: those rows add one that have a value the user had not before."""
    is_new = log[role].notna() & ~log.duplicated(["entity", role])
    return is_new.astype(int).groupby(log["entity"]).cumsum()


def running(log: pd.DataFrame) -> pd.DataFrame:
    """One row per login, features in the order of the recipe."""
    by_user = log.groupby("entity")
    features = pd.DataFrame({"logins": by_user.cumcount() + 1})
    if "outcome" in log:
        failed = (log["outcome"].notna() & ~(log["outcome"].fillna(True).astype(bool))).astype(int)
        succeeded = (log["outcome"].notna() & log["outcome"].fillna(False).astype(bool)).astype(int)
        n_failed, n_succeeded = failed.groupby(log["entity"]).cumsum(), succeeded.groupby(log["entity"]).cumsum()
        features["failed_logins"] = n_failed
        features["login_ratio"] = n_failed / n_succeeded.clip(lower=1)
    for role, name in [("device", "devices"), ("address", "addresses"), ("country", "countries"), ("browser", "browsers")]:
        if role in log:
            features[f"distinct_{name}"] = running_distinct(log, role)
    features["time_since_previous_login"] = by_user["time"].diff().dt.total_seconds()
    for role in ["browser", "country", "device"]:
        if role in log:
            features[role] = log[role]
    return features


def golden(name: str, roles: dict) -> dict:
    log = read(name, roles)
    features = running(log)
    rows = features.astype(object).where(features.notna(), None)
    return {
        "file": name,
        "roles": roles,
        "features": list(features),
        "rows": {str(record): list(row) for record, row in zip(log["record"], rows.itertuples(index=False))},
    }


CASES = [
    golden("login_attempts", LOGINS),
    golden("logins", RISK_BASED),
    golden("edges", {"entity": "user", "time": "time", "device": "action"}),
    # Moments around changes of the clock.
    golden("zones", {"entity": "user", "time": "moment"}),
]

if __name__ == "__main__":
    made_by = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}
    lines = [json.dumps(case, ensure_ascii=False, default=lambda value: value.item()) for case in CASES]
    text = '{"made_by": ' + json.dumps(made_by) + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"
    (GOLDEN / "features_login.json").write_text(text, encoding="utf-8")
