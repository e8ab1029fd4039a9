"""Writes ../features_session.json: features of sessions, by a second implementation on pandas, and ../features/sessions.csv,
a generated table of sessions in the layout of system C: a row per session, cells missing here and there.

Needs numpy and pandas; the versions used are in the JSON. Run:

    python tests/golden/scripts/features_session.py

The published tables of system C may not be committed; where they lie beside the checkout (../shared/data/systems), their
features are summed up in the JSON, with a few rows whole. Without them, what the JSON says of them is kept.

Written to be read beside the definitions in src/engine/features/session, not to be fast.
"""

import json
import platform
from pathlib import Path

import numpy as np
import pandas as pd
from roles import LOGINS, OFFICE, WEB, without

GOLDEN = Path(__file__).resolve().parent.parent
SHARED = GOLDEN.parent.parent.parent / "shared" / "data" / "systems"
OUT = GOLDEN / "features_session.json"

KINDS = {  # name of the kind: column names in the tables here
    "click": ["click_events"],
    "scroll": ["scroll_events"],
    "touch": ["touch_events"],
    "key": ["keyboard_events"],
    "submission": ["form_submissions"],
    "mouse": ["mouse_movement"],
    "page": ["page_views"],
    "error": ["errors"],
}
EVENTS = ["click", "scroll", "touch", "key", "submission"]


def make_sessions() -> None:
    """Writes ../features/sessions.csv."""
    rng = np.random.default_rng(11)
    n = 160
    mobile = rng.random(n) < 0.5
    user = rng.zipf(1.5, n).clip(max=12)
    # Few moments, so that a user has several sessions at one.
    start = pd.Timestamp("2024-11-25") + pd.to_timedelta(rng.integers(0, 400, n) * 3 * 3600 + 61 * 30, unit="s")
    table = pd.DataFrame(
        {
            "user_id": [f"user_{u}" for u in user],
            "session_id": [f"session_{i}" for i in range(n)],
            "device_type": np.where(mobile, rng.choice(["Mobile", "Tablet", "iPhone"], n), "PC"),
            "click_events": rng.poisson(6, n) * (rng.random(n) < 0.95),
            "scroll_events": rng.poisson(9, n) * (rng.random(n) < 0.9),
            "touch_events": np.where(mobile, rng.poisson(5, n), rng.random(n) < 0.1).astype(int),
            "keyboard_events": rng.poisson(8, n) * (rng.random(n) < 0.8),
            "form_submissions": rng.poisson(0.5, n),
            "mouse_movement": np.where(mobile, 0, rng.integers(0, 900, n)),
            "page_views": rng.poisson(3, n),
            "errors": rng.poisson(0.3, n),
            "time_on_page": np.where(rng.random(n) < 0.05, 0, rng.integers(1, 600, n)),
            "screen_size": rng.choice(["1920x1080", "414x896", "768 x 1024", "unknown"], n),
            "browser_info": rng.choice(["Chrome 81.0.4044", "Chrome 82.0", "Firefox 20.0.0", "Safari"], n),
            "language": rng.choice(["english", "hindi"], n),
            "device_orientation": rng.choice(["portrait", "landscape", "none"], n),
            "geolocation_city": rng.choice(["Delhi", "Mumbai", "Unknown"], n),
            "wifi_network_hash": rng.choice([-303768024939284139, 2853320367896827313, 77], n),
            "bounce_rate": rng.random(n).round(3),
            "transaction_amount": rng.lognormal(5, 1.5, n).round(2) * np.where(rng.random(n) < 0.05, -1, 1),
            "transaction_date": start.strftime("%Y-%m-%d %H:%M:%S"),
            "label": (rng.random(n) < 0.1).astype(int),
        }
    )
    for column in table.columns.difference(["user_id", "session_id", "label"]):
        table[column] = table[column].astype(object)
        table.loc[rng.random(n) < 0.06, column] = None
    # One of everything missing at once.
    table.loc[5, table.columns.difference(["user_id", "session_id", "label"])] = None
    table.to_csv(GOLDEN / "features" / "sessions.csv", index=False, lineterminator="\n")


def circle(part: pd.Series) -> tuple:
    return np.sin(2 * np.pi * part), np.cos(2 * np.pi * part)


def is_hour_in(hours: pd.Series, span: tuple) -> pd.Series:
    start, end = span
    return (hours >= start) & (hours < end) if start <= end else (hours >= start) | (hours < end)


def since_previous(user: pd.Series, start: pd.Series, end: pd.Series) -> list:
    user, start, end = user.to_numpy(), start.to_numpy(), end.to_numpy()
    hours = []
    for at in range(len(user)):
        before = end[(user == user[at]) & (end < start[at])]
        hours.append((start[at] - before.max()) / np.timedelta64(1, "h") if len(before) else np.nan)
    return hours


def against_own(user: pd.Series, start, end, values: pd.Series) -> list:
    """Deviation of each session from the user's usual: of sessions over before, or of all others without times."""
    user, values = user.to_numpy(), values.to_numpy()
    start, end = (start.to_numpy(), end.to_numpy()) if start is not None else (None, None)
    result = []
    for at in range(len(user)):
        own = user == user[at]
        own[at] = False
        if start is not None:
            own &= end < start[at]
        usual = values[own & ~np.isnan(values)]
        if len(usual) < 3 or np.isnan(values[at]):
            result.append(np.nan)
            continue
        distance = values[at] - usual.mean()
        spread = max(usual.std(ddof=1), abs(usual.mean()) / 10)
        result.append(float(np.clip(distance / spread, -10, 10)) if distance else 0.0)
    return result


def entropy(shares: np.ndarray) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def flags(values: pd.Series, names: tuple) -> dict:
    high, low = values > values.quantile(0.95), values < values.quantile(0.05)
    return {names[0]: high.where(values.notna()).astype(float), names[1]: low.where(values.notna()).astype(float)}


def browser_family(text):
    return text.split(" ")[0] if isinstance(text, str) else text


def records(frame: pd.DataFrame, roles: dict, night: tuple, work: tuple) -> pd.DataFrame:
    """Features of a table with a row per session, in the table's order."""
    column = lambda role: frame[roles[role]] if role in roles else None
    out = {}
    time = column("time")
    start = None
    if time is not None:
        start = pd.to_datetime(time)
        has_hours = (start.dropna() != start.dropna().dt.floor("D")).any()
        hour = start.dt.hour + start.dt.minute / 60
        if has_hours:
            out["hour_sin"], out["hour_cos"] = circle(hour / 24)
        out["weekday_sin"], out["weekday_cos"] = circle(start.dt.day_of_week / 7)
        out["month_sin"], out["month_cos"] = circle((start.dt.month - 1) / 12)
        known = start.notna()
        if has_hours:
            out["is_night"] = is_hour_in(start.dt.hour, night).where(known).astype(float)
            out["is_work"] = is_hour_in(start.dt.hour, work).where(known).astype(float)
        out["is_weekend"] = (start.dt.day_of_week >= 5).where(known).astype(float)
    user = column("entity")
    most = user.value_counts().max() if user is not None else 0
    if start is not None and most >= 2:
        out["since_previous"] = since_previous(user, start, start)

    unused = {"entity", "time", "session", "label", "ignore"}
    taken = {name for role, name in roles.items() if role in unused}
    free = [name for name in frame.columns if name not in taken]
    identifiers = [name for name in free if name.endswith("_hash")]
    numbers = [name for name in free if frame[name].dtype.kind in "if" and name not in identifiers]
    for name in numbers:
        out[name] = frame[name].astype(float)
    compared = list(numbers)

    counts = {}
    for kind, names in KINDS.items():
        for name in names:
            if name in numbers:
                counts[kind] = frame[name].astype(float).where(frame[name] >= 0)
    events = {kind: counts[kind] for kind in EVENTS if kind in counts}
    total = sum(series.fillna(0) for series in events.values()) if events else None
    if events:
        total = total.where(pd.concat(events.values(), axis=1).notna().any(axis=1))
    secs = column("duration")
    if secs is not None:
        secs = secs.astype(float).where(secs >= 0).clip(lower=1)
    has_total = len(events) >= 2
    if has_total:
        out["events_total"] = total
    if secs is not None:
        if events:
            out["events_per_sec"] = total / secs
        for kind, count in counts.items():
            out[f"{kind}_per_sec"] = count / secs
    if has_total:
        for kind, count in events.items():
            out[f"{kind}_share"] = (count / total).where((total != 0) | count.isna(), 0.0)
        all_kinds = pd.concat(events.values(), axis=1).to_numpy()
        out["event_kinds"] = [float((row > 0).sum()) if (row == row).any() else np.nan for row in all_kinds]
        known = [row[row == row] for row in all_kinds]
        out["event_diversity"] = [
            np.nan if not len(row) else (entropy(row / row.sum()) if row.sum() else 0.0) for row in known
        ]
        out["event_consistency"] = [
            np.nan if not len(row) else (1 / (1 + row.std() / row.mean()) if row.sum() else 1.0) for row in known
        ]
    clicks = counts.get("click")
    if "mouse" in counts and clicks is not None:
        out["mouse_per_click"] = counts["mouse"] / clicks.clip(lower=1)
    if "error" in counts and events:
        out["errors_per_event"] = counts["error"] / total.clip(lower=1)
    brought = column("amount")
    if brought is None:
        brought = counts.get("page")
    if brought is not None:
        if secs is not None:
            out["session_efficiency"] = brought / secs * 60
        if clicks is not None:
            out["click_efficiency"] = brought / clicks.clip(lower=1)
    share = lambda a, b: (a / (a + b)).where((a + b != 0) | (a + b).isna(), 0.0)
    touches = counts.get("touch")
    if touches is not None and clicks is not None:
        out["touch_share_of_pointing"] = share(touches, clicks)
    device = column("device")
    mouse = counts.get("mouse", clicks)
    if device is not None and touches is not None and mouse is not None:
        is_touched = device.isin(["Mobile", "Tablet", "iPhone"])
        fitting = touches.where(is_touched, mouse).where(device.notna())
        other = mouse.where(is_touched, touches).where(device.notna())
        out["other_pointer_share"] = share(other, fitting)
        if secs is not None:
            out["device_pointer_per_sec"] = fitting / secs

    orientation = frame.get("device_orientation")
    if "screen_size" in free:
        size = frame["screen_size"].str.extract(r"^(\d+) ?x ?(\d+)$").astype(float)
        width, height = size[0], size[1]
        out["screen_area"] = width * height
        out["screen_shape"] = width / height
        out["is_portrait_screen"] = (height > width).where(width.notna()).astype(float)
        if orientation is not None:
            turned = ((orientation == "portrait") & (width > height)) | ((orientation == "landscape") & (height > width))
            said = orientation.isin(["portrait", "landscape"]) & width.notna()
            out["is_turned_screen"] = turned.where(said).astype(float)
    for name in free:
        if name in numbers or name == "screen_size":
            continue
        values = frame[name]
        if name == roles.get("browser"):
            values = values.map(browser_family)
        out[name] = values

    out = pd.DataFrame(out, index=frame.index)
    if user is not None and most >= 4:
        for name in ["events_total", "events_per_sec"] + compared:
            if name in out:
                out[f"{name}_vs_own"] = against_own(user, start, start, out[name].astype(float))
    frequency = next((name for name in ["events_per_sec", "events_total"] if name in out), None)
    if frequency:
        out = out.assign(**flags(out[frequency], ("is_very_frequent", "is_very_infrequent")))
    if "duration" in roles:
        out = out.assign(**flags(out[roles["duration"]], ("is_very_long", "is_very_short")))
    return out


def log_sessions(log: pd.DataFrame, roles: dict, gap: pd.Timedelta, night: tuple, work: tuple) -> pd.DataFrame:
    """Features of the sessions of a log. Their index is the first event's place in the file."""
    log = log.rename(columns={column: role for role, column in roles.items()})
    log["time"] = pd.to_datetime(log["time"], format="ISO8601").dt.floor("ms")
    log = log.dropna(subset=["entity"]).sort_values("time", kind="stable")
    actions = None
    if "action" in log:
        counts = log["action"].value_counts()
        actions = sorted(counts.index, key=lambda action: (-counts[action], action))
    if "session" in log:
        sessions = log.groupby(["entity", "session"])
    else:
        number = (log.groupby("entity")["time"].diff() > gap).groupby(log["entity"]).cumsum()
        sessions = log.groupby(["entity", number])
    rows = {}
    for (user, _), events in sessions:
        time = events["time"]
        start, end = time.iloc[0], time.iloc[-1]
        row = {"user": user, "start": start, "end": end}
        row["hour_sin"], row["hour_cos"] = circle((start.hour + start.minute / 60) / 24)
        row["weekday_sin"], row["weekday_cos"] = circle(start.day_of_week / 7)
        row["month_sin"], row["month_cos"] = circle((start.month - 1) / 12)
        row["night_share"] = is_hour_in(time.dt.hour, night).mean()
        row["work_share"] = is_hour_in(time.dt.hour, work).mean()
        row["weekend_share"] = (time.dt.day_of_week >= 5).mean()
        row["since_previous"] = np.nan
        row["events_count"] = len(events)
        row["duration"] = (end - start).total_seconds()
        row["events_per_sec"] = len(events) / max(row["duration"], 1)
        pauses = time.diff().dropna().dt.total_seconds().to_numpy()
        row["mean_pause"] = pauses.mean() if len(pauses) else 0.0
        row["longest_pause"] = pauses.max() if len(pauses) else 0.0
        row["pause_consistency"] = 1 / (1 + pauses.std() / pauses.mean()) if pauses.sum() else 1.0
        if actions:
            shares = events["action"].value_counts(normalize=True)
            row["action_diversity"] = entropy(shares.to_numpy())
            row["most_frequent_share"] = shares.max() if len(shares) else 0.0
            row["distinct_actions"] = len(shares)
            for action in actions:
                row[f"share_{action}"] = shares.get(action, 0.0)
        if "outcome" in events:
            failed = ~events["outcome"].astype(bool)
            row["failed_count"], row["failed_share"] = int(failed.sum()), failed.mean()
        if "address" in events:
            row["distinct_addresses"] = events["address"].nunique()
        rows[events.index[0]] = row
    out = pd.DataFrame(rows).T.infer_objects()
    out["since_previous"] = since_previous(out["user"], out["start"], out["end"])
    user, start, end = out.pop("user"), out.pop("start"), out.pop("end")
    for name in ["events_count", "duration", "events_per_sec", "distinct_actions", "failed_count"]:
        if name in out:
            out[f"{name}_vs_own"] = against_own(user, start, end, out[name].astype(float))
    out = out.assign(**flags(out["events_per_sec"].astype(float), ("is_very_frequent", "is_very_infrequent")))
    return out.assign(**flags(out["duration"].astype(float), ("is_very_long", "is_very_short")))


def plain(value):
    if isinstance(value, str):
        return value
    return None if value is None or np.isnan(value) else float(f"{value:.13g}")


def case(file: str, roles: dict, out: pd.DataFrame, night: tuple, work: tuple, gap_secs: float, rows) -> dict:
    """A case; `rows` are the rows to be given whole, none for all."""
    whole = out if rows is None else out.loc[rows]
    numeric = out.select_dtypes("number")
    sums = {} if rows is None else {name: [int(numeric[name].isna().sum()), plain(numeric[name].sum())] for name in numeric}
    return {
        "file": file,
        "roles": roles,
        "night": list(night),
        "work": list(work),
        "session_gap_secs": gap_secs,
        "n_rows": len(out),
        "features": list(out.columns),
        "missing_and_sum": sums,
        "rows": {str(at): [plain(value) for value in row] for at, row in zip(whole.index, whole.to_numpy(dtype=object))},
    }


ROLES = {
    "entity": "user_id",
    "time": "transaction_date",
    "session": "session_id",
    "device": "device_type",
    "city": "geolocation_city",
    "browser": "browser_info",
    "amount": "transaction_amount",
    "duration": "time_on_page",
    "label": "label",
}


def of_table(path: Path, roles: dict, night=(22, 6), work=(9, 17), rows=None, drop=()) -> dict:
    # A hash is more digits than a float has.
    frame = pd.read_csv(path, dtype={"wifi_network_hash": object}).drop(columns=list(drop))
    return case(path.name, roles, records(frame, roles, night, work), night, work, 1800, rows) | {"drop": list(drop)}


def of_log(name: str, roles: dict, gap_secs=1800, night=(22, 6), work=(9, 17)) -> dict:
    path = GOLDEN / "features" / f"{name}.csv"
    out = log_sessions(pd.read_csv(path), roles, pd.Timedelta(seconds=gap_secs), night, work)
    rows = out.index[:: max(1, len(out) // 60)]
    return case(path.name, roles, out, night, work, gap_secs, rows) | {"drop": []}


def main() -> None:
    # A deviation from what never varies is a large one.
    np.seterr(divide="ignore")
    make_sessions()
    sessions = GOLDEN / "features" / "sessions.csv"
    some = list(range(0, 160, 5))
    cases = [
        of_table(sessions, ROLES),
        of_table(sessions, ROLES, night=(0, 6), work=(22, 4), rows=some),
        # Without a time each is compared with all others of the user; without a user with nothing.
        of_table(sessions, without(ROLES, "time"), rows=some, drop=["transaction_date"]),
        of_table(sessions, without(ROLES, "entity", "duration"), rows=some, drop=["user_id", "time_on_page"]),
        of_table(sessions, without(ROLES, "amount", "device"), rows=some, drop=["transaction_amount", "device_type", "mouse_movement"]),
        of_log("web", WEB | {"session": "session_id"}),
        of_log("office", OFFICE),
        of_log("office", OFFICE, gap_secs=600, night=(0, 6)),
        of_log("login_attempts", LOGINS | {"action": "failure_reason"}),
    ]
    published = [
        of_table(SHARED / name, roles, rows=list(range(0, 5000, 250)))
        for name, roles in [
            ("c_balanced_40.csv", ROLES),
            ("c_imbalanced.csv", {"entity": "user_id", "time": "transaction_date", "amount": "transaction_amount", "label": "label"}),
        ]
        if (SHARED / name).exists()
    ]
    if not published:
        published = json.loads(OUT.read_text(encoding="utf-8"))["published"]
    made_by = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}
    lines = lambda cases: ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    text = f'{{"made_by": {json.dumps(made_by)},\n"cases": [\n{lines(cases)}\n],\n"published": [\n{lines(published)}\n]}}\n'
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
