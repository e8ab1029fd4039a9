"""Writes ../features.json: the features of the logs in ../features, by a second implementation on pandas.

Needs numpy and pandas; the versions used are in the JSON. Run:

    python tests/golden/scripts/features.py

Written to be read beside the definitions in src/engine/features, not to be fast: every entity is a small frame, and
every feature an expression over it.
"""

import json
import platform
from pathlib import Path

import numpy as np
import pandas as pd

GOLDEN = Path(__file__).resolve().parent.parent
MINUTE = pd.Timedelta(minutes=1)
HOUR = pd.Timedelta(hours=1)


def read(name: str, roles: dict) -> pd.DataFrame:
    """The rows with an entity and a time, columns named by role, in order of time."""
    log = pd.read_csv(GOLDEN / "features" / f"{name}.csv", keep_default_na=False, na_values=[""])
    log = log.rename(columns={column: role for role, column in roles.items()})
    log = log.dropna(subset=["entity", "time"])
    log["time"] = pd.to_datetime(log["time"], format="ISO8601").dt.floor("ms")
    log["day"] = log["time"].dt.floor("D")
    return log.sort_values("time", kind="stable")


def sessions(events: pd.DataFrame, gap: pd.Timedelta) -> pd.DataFrame:
    """First and last moment of each session, in order of the first."""
    if "session" in events:
        named = events[events["session"].notna()]
        unnamed = events[events["session"].isna()]
    else:
        named, unnamed = events.iloc[:0], events
    number = (unnamed["time"].diff() > gap).cumsum()
    spans = [unnamed.groupby(number)["time"].agg(["min", "max"])]
    if len(named):
        spans.append(named.groupby("session")["time"].agg(["min", "max"]))
    return pd.concat(spans, ignore_index=True).sort_values("min", kind="stable")


def mean_duration_min(spans: pd.DataFrame) -> float:
    return float(((spans["max"] - spans["min"]) / MINUTE).mean())


def mean_pause_h(spans: pd.DataFrame) -> float:
    if len(spans) < 2:
        return 0.0
    busy_until = spans["max"].cummax().shift()
    pauses = ((spans["min"] - busy_until) / HOUR).iloc[1:].clip(lower=0)
    return float(pauses.mean())


def is_night(hours: pd.Series, night: tuple) -> pd.Series:
    start, end = night
    return (hours >= start) & (hours < end) if start <= end else (hours >= start) | (hours < end)


def failed_share(events: pd.DataFrame) -> float:
    return float((~events["outcome"].astype(bool)).mean())


def user_day(events: pd.DataFrame, case: dict) -> dict:
    spans = sessions(events, case["gap"])
    hours = events["time"].dt.hour
    row = {
        "sessions_count": len(spans),
        "actions_count": len(events),
        "avg_session_duration": mean_duration_min(spans),
        "night_activity_ratio": float(is_night(hours, case["night"]).mean()),
        "avg_time_between_sessions": mean_pause_h(spans),
        "inactivity_hours": 24 - hours.nunique(),
    }
    if "outcome" in events:
        row["failed_share"] = failed_share(events)
    return row


def circular(points: pd.Series, period: float) -> tuple:
    """Mean and spread on a circle, through the complex mean."""
    vector = np.exp(2j * np.pi * points.to_numpy(dtype=float) / period).mean()
    mean = np.angle(vector) / (2 * np.pi) * period % period
    if abs(vector) < 1e-9:
        mean = period / 2
    elif mean > period - 1e-9:
        mean = 0.0
    lack = 1 - abs(vector)
    spread = 0.0 if lack < 1e-12 else np.sqrt(2 * lack) / (2 * np.pi) * period
    return float(mean), float(spread)


def activity(events: pd.DataFrame, case: dict) -> dict:
    time = events["time"]
    n_days = events["day"].nunique()
    hour_mean, hour_spread = circular(time.dt.hour + time.dt.minute / 60, 24)
    weekday_mean, weekday_spread = circular(time.dt.day_of_week, 7)
    spans = sessions(events, case["gap"])
    row = {
        "events_count": len(events),
        "active_days": n_days,
        "events_per_active_day": len(events) / n_days,
        "busiest_hour_events": int(time.dt.floor("h").value_counts().max()),
        "hour_mean": hour_mean,
        "hour_spread": hour_spread,
        "weekday_mean": weekday_mean,
        "weekday_spread": weekday_spread,
        "night_share": float(is_night(time.dt.hour, case["night"]).mean()),
        "weekend_share": float((time.dt.day_of_week >= 5).mean()),
        "sessions_per_active_day": len(spans) / n_days,
        "avg_session_duration": mean_duration_min(spans),
    }
    if "action" in events:
        row["distinct_actions"] = events["action"].nunique()
        for action in case["actions"]:
            row[f"share_{action}"] = float((events["action"] == action).sum() / events["action"].count())
    if "outcome" in events:
        row["failed_count"] = int((~events["outcome"].astype(bool)).sum())
        row["failed_share"] = failed_share(events)
    if "address" in events:
        row["distinct_addresses"] = events["address"].nunique()
    return row


def golden(name: str, recipe: str, roles: dict, gap_secs: float = 1800, night: tuple = (0, 6)) -> dict:
    log = read(name, roles)
    case = {"gap": pd.Timedelta(seconds=gap_secs), "night": night}
    if "action" in log:
        # Most frequent first, equally frequent ones by name.
        counts = log["action"].value_counts()
        case["actions"] = sorted(counts.index, key=lambda action: (-counts[action], action))
    if recipe == "activity":
        rows = {user: activity(events, case) for user, events in log.groupby("entity")}
    else:
        groups = log.groupby(["entity", "day"])
        rows = {f"{user} {day:%Y-%m-%d}": user_day(events, case) for (user, day), events in groups}
    features = list(next(iter(rows.values())))
    return {
        "file": name,
        "recipe": recipe,
        "roles": roles,
        "session_gap_secs": gap_secs,
        "night": list(night),
        "features": features,
        "rows": {entity: [row[feature] for feature in features] for entity, row in rows.items()},
    }


EDGES = {"entity": "user", "time": "time", "action": "action"}
LOGINS = {"entity": "username", "time": "datetime", "address": "source_ip", "outcome": "success"}
OFFICE = {"entity": "user_id", "time": "timestamp", "action": "action"}

CASES = [
    golden("edges", "user-day", EDGES | {"session": "session_id"}),
    golden("edges", "user-day", EDGES),
    golden("edges", "user-day", EDGES, gap_secs=600, night=(22, 6)),
    golden("edges", "activity", EDGES | {"session": "session_id"}),
    golden("edges", "activity", EDGES, night=(23, 1)),
    golden("office", "activity", OFFICE),
    golden("office", "user-day", OFFICE),
    golden("web", "user-day", EDGES | {"session": "session_id"}),
    golden("login_attempts", "activity", LOGINS),
    golden("login_attempts", "user-day", LOGINS),
]

if __name__ == "__main__":
    made_by = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}
    lines = [json.dumps(case, ensure_ascii=False) for case in CASES]
    text = '{"made_by": ' + json.dumps(made_by) + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"
    (GOLDEN / "features.json").write_text(text, encoding="utf-8")
