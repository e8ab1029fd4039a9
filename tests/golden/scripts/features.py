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
from roles import LOGINS, OFFICE, RISK_BASED, WEB

GOLDEN = Path(__file__).resolve().parent.parent
MINUTE = pd.Timedelta(minutes=1)
HOUR = pd.Timedelta(hours=1)


def read(name: str, roles: dict, zone: str | None) -> pd.DataFrame:
    """The rows with an entity and a time, columns named by role, in order of time.

    `time` is the moment, `clock` what the zone's clock shows then, `ahead` how far that is ahead of UTC.
    """
    log = pd.read_csv(GOLDEN / "features" / f"{name}.csv", keep_default_na=False, na_values=[""])
    log = log.rename(columns={column: role for role, column in roles.items()})
    log = log.dropna(subset=["entity", "time"])
    log["time"] = pd.to_datetime(log["time"], format="ISO8601").dt.floor("ms")
    log["clock"], log["ahead"] = log["time"], pd.Timedelta(0)
    if zone:
        log["clock"] = log["time"].dt.tz_convert(zone).dt.tz_localize(None)
        log["time"] = log["time"].dt.tz_localize(None)
        log["ahead"] = log["clock"] - log["time"]
    log["day"] = log["clock"].dt.floor("D")
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


def day_hours(day: pd.Timestamp, zone: str | None) -> float:
    """Length of a day by the zone's clock."""
    return (((day + pd.Timedelta(days=1)).tz_localize(zone)) - day.tz_localize(zone)) / HOUR


def n_hours(events: pd.DataFrame) -> int:
    """Hours of the clock with an event; one that is shown twice is two."""
    return len(pd.concat([events["clock"].dt.floor("h"), events["ahead"]], axis=1).drop_duplicates())


def period_hours(day: pd.Timestamp, case: dict) -> float:
    """Hours of the day, or of the week that it lies in."""
    if case["period"] == "day":
        return day_hours(day, case["zone"])
    monday = day - pd.Timedelta(days=day.day_of_week)
    return sum(day_hours(monday + pd.Timedelta(days=n), case["zone"]) for n in range(7))


def user_day(events: pd.DataFrame, case: dict) -> dict:
    spans = sessions(events, case["gap"])
    hours = events["clock"].dt.hour
    row = {
        "sessions_count": len(spans),
        "actions_count": len(events),
        "avg_session_duration": mean_duration_min(spans),
        "night_activity_ratio": float(is_night(hours, case["night"]).mean()),
        "avg_time_between_sessions": mean_pause_h(spans),
    }
    if case["period"] != "hour":
        row["inactivity_hours"] = period_hours(events["day"].iloc[0], case) - n_hours(events)
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
    time = events["clock"]
    n_days = events["day"].nunique()
    hour_mean, hour_spread = circular(time.dt.hour + time.dt.minute / 60, 24)
    weekday_mean, weekday_spread = circular(time.dt.day_of_week, 7)
    spans = sessions(events, case["gap"])
    row = {
        "events_count": len(events),
        "active_days": n_days,
        "events_per_active_day": len(events) / n_days,
        "busiest_hour_events": int((time.dt.floor("h") - events["ahead"]).value_counts().max()),
        "hour_mean": hour_mean,
        "hour_spread": hour_spread,
        "weekday_mean": weekday_mean,
        "weekday_spread": weekday_spread,
        "night_share": float(is_night(time.dt.hour, case["night"]).mean()),
        "weekend_share": float((time.dt.day_of_week + 1).isin(case["weekend"]).mean()),
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


def login(events: pd.DataFrame, case: dict) -> dict:
    row = {"logins": len(events)}
    if "outcome" in events:
        outcome = events["outcome"].dropna().astype(bool)
        row["failed_logins"] = int((~outcome).sum())
        row["login_ratio"] = float((~outcome).sum() / max(outcome.sum(), 1))
    for role, name in [("device", "devices"), ("address", "addresses"), ("country", "countries")]:
        if role in events:
            row[f"distinct_{name}"] = events[role].nunique()
    if "browser" in events:
        # "Chrome Mobile 81.0.1" is of the family "Chrome Mobile".
        row["distinct_browsers"] = events["browser"].str.replace(r" [0-9.]+$", "", regex=True).nunique()
    gaps = events["time"].diff().dt.total_seconds().dropna()
    row["avg_time_between_logins"] = float(gaps.mean()) if len(gaps) else 0.0
    row["time_since_previous_login"] = float(gaps.iloc[-1]) if len(gaps) else None
    return row


def make_logins() -> None:
    """Writes ../features/logins.csv: logins in the layout of system E, with gaps."""
    rng = np.random.default_rng(5)
    n = 400
    browsers = ["Chrome 81.0.4044", "Chrome 79.0.3945", "Firefox 20.0.0.1618", "Chrome Mobile 81.0.4044", "Safari 13.1"]
    log = pd.DataFrame(
        {
            "Login Timestamp": pd.Timestamp("2020-02-03") + pd.to_timedelta(rng.integers(0, 10**10, n), unit="ms"),
            "User ID": -(4324475583306591000 + rng.zipf(1.6, n).clip(max=40)),
            "IP Address": [f"10.0.{a}.{b}" for a, b in rng.integers(0, 4, (n, 2))],
            "Country": rng.choice(["NO", "US", "DE", "BR"], n),
            "Browser Name and Version": rng.choice(browsers, n),
            "Device Type": rng.choice(["mobile", "desktop", "tablet"], n),
            "Login Successful": rng.choice(["True", "False"], n),
        }
    )
    log["Login Timestamp"] = log["Login Timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S.%f").str[:-3]
    for column in ["Country", "Browser Name and Version", "Device Type", "Login Successful", "IP Address"]:
        log.loc[rng.random(n) < 0.05, column] = ""
    log.to_csv(GOLDEN / "features" / "logins.csv", index=False, lineterminator="\n")


def make_zones() -> None:
    """Writes ../features/zones.csv: events around the days on which the clocks of two zones are moved.

    `moment` names UTC. `<zone>` is what the zone's clock shows, with its offset only where it shows that hour for the
    second time; what a clock without a zone would have logged, but for that.
    """
    rng = np.random.default_rng(8)
    moments, users = [], []
    for day in ["2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25"]:
        start = pd.Timestamp(day, tz="UTC") - pd.Timedelta(hours=36)
        # One who is there every half hour, others now and then.
        regular = pd.date_range(start, periods=144, freq="30min")
        moments += list(regular) + list(start + pd.to_timedelta(rng.integers(0, 72 * 3600, 90), unit="s"))
        users += ["watch"] * len(regular) + list(rng.choice(["ada", "ben", "cyd"], 90, p=[0.6, 0.3, 0.1]))
    log = pd.DataFrame({"moment": moments, "user": users})
    log["action"] = rng.choice(["open", "save", "print"], len(log))
    log = log.sort_values("moment", kind="stable")
    for name, zone in ZONES.items():
        clock = log["moment"].dt.tz_convert(zone)
        naive = clock.dt.tz_localize(None)
        again = (log["moment"] - pd.Timedelta(hours=1)).dt.tz_convert(zone).dt.tz_localize(None) == naive
        assert again.any()
        log[name] = naive.dt.strftime("%Y-%m-%dT%H:%M:%S") + clock.dt.strftime("%z").where(again, "")
    log["moment"] = log["moment"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    log.to_csv(GOLDEN / "features" / "zones.csv", index=False, lineterminator="\n")


def transitions(zone: str) -> dict:
    """The zone as the engine takes it, over 2026."""
    moments = pd.date_range("2026-01-01", "2027-01-01", freq="h", tz="UTC")
    ahead = (moments.tz_convert(zone).tz_localize(None) - moments.tz_localize(None)).total_seconds().astype(int)
    moved = np.flatnonzero(np.diff(ahead, prepend=-(10**6)))
    return {"name": zone, "transitions": [[int(moments[i].timestamp() * 1000), int(ahead[i])] for i in moved]}


def golden(
    name: str,
    recipe: str,
    roles: dict,
    gap_secs: float = 1800,
    night: tuple = (0, 6),
    zone: str | None = None,
    period: str = "day",
    weekend: tuple = (6, 7),
) -> dict:
    log = read(name, roles, zone)
    case = {"gap": pd.Timedelta(seconds=gap_secs), "night": night, "zone": zone, "period": period, "weekend": weekend}
    if "action" in log:
        # Most frequent first, equally frequent ones by name.
        counts = log["action"].value_counts()
        case["actions"] = sorted(counts.index, key=lambda action: (-counts[action], action))
    if recipe == "login":
        rows = {str(user): login(events, case) for user, events in log.groupby("entity")}
    elif recipe == "activity":
        rows = {user: activity(events, case) for user, events in log.groupby("entity")}
    else:
        starts = {
            "hour": (log["clock"].dt.floor("h"), "%Y-%m-%d %H:00"),
            "day": (log["day"], "%Y-%m-%d"),
            "week": (log["day"] - pd.to_timedelta(log["day"].dt.day_of_week, unit="D"), "week of %Y-%m-%d"),
        }
        start, words = starts[period]
        groups = log.groupby(["entity", start.rename("start")])
        rows = {f"{user} {start:{words}}": user_day(events, case) for (user, start), events in groups}
    features = list(next(iter(rows.values())))
    return {
        "file": name,
        "recipe": recipe,
        "roles": roles,
        "session_gap_secs": gap_secs,
        "night": list(night),
        "zone": zone and transitions(zone),
        "period": period,
        "weekend": list(weekend),
        "features": features,
        "rows": {entity: [row[feature] for feature in features] for entity, row in rows.items()},
    }


# Columns of zones.csv; clocks are moved by an hour, in opposite seasons.
ZONES = {"berlin": "Europe/Berlin", "sydney": "Australia/Sydney"}
IN_ZONES = {"entity": "user", "time": "moment", "action": "action"}

make_logins()
make_zones()
CASES = [
    golden("edges", "user-day", WEB | {"session": "session_id"}),
    golden("edges", "user-day", WEB),
    golden("edges", "user-day", WEB, gap_secs=600, night=(22, 6)),
    golden("edges", "activity", WEB | {"session": "session_id"}),
    golden("edges", "activity", WEB, night=(23, 1)),
    golden("office", "activity", OFFICE),
    golden("office", "user-day", OFFICE),
    golden("web", "user-day", WEB | {"session": "session_id"}),
    golden("web", "user-day", WEB | {"session": "session_id"}, period="hour"),
    golden("office", "user-day", OFFICE, period="week"),
    golden("office", "activity", OFFICE, weekend=(5, 6)),
    golden("login_attempts", "user-day", LOGINS, period="hour"),
    golden("login_attempts", "activity", LOGINS),
    golden("login_attempts", "user-day", LOGINS),
    golden("login_attempts", "login", LOGINS),
    golden("logins", "login", RISK_BASED),
    golden("zones", "user-day", IN_ZONES, gap_secs=900, zone="Europe/Berlin"),
    golden("zones", "activity", IN_ZONES, night=(22, 4), zone="Europe/Berlin"),
    golden("zones", "user-day", IN_ZONES, zone="Europe/Berlin", period="week"),
    golden("zones", "user-day", IN_ZONES, night=(22, 4), zone="Australia/Sydney"),
    golden("zones", "activity", IN_ZONES, zone="Australia/Sydney"),
]

if __name__ == "__main__":
    made_by = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}
    lines = [json.dumps(case, ensure_ascii=False) for case in CASES]
    text = '{"made_by": ' + json.dumps(made_by) + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"
    (GOLDEN / "features.json").write_text(text, encoding="utf-8")
