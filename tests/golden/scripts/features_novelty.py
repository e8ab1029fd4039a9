"""Writes ../features_novelty.json: what is new in the logs of ../features and ../profile, by a second implementation.

Needs numpy and pandas; the versions used are in the JSON. Run:

    python tests/golden/scripts/features_novelty.py

Written to be read beside the definitions in src/engine/features/novelty, not to be fast: each event is compared with
the whole log before it, by masks over a frame.
"""

import ipaddress
import json
import math
import platform
from pathlib import Path

import numpy as np
import pandas as pd
from roles import LOGINS, OFFICE, RISK_BASED, without

GOLDEN = Path(__file__).resolve().parent.parent
DAY = 86_400_000
HOUR = 3_600_000
LOOK_BACK = {
    "action": 180,
    "address": 180,
    "address_range": 180,
    "country": 90,
    "device": 30,
    "browser": 30,
    "resource": 180,
}
PLURAL = {"address": "addresses", "country": "countries"}
NAN = float("nan")


def address_range(text) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, bits), strict=False))


def make_visits() -> None:
    """Writes ../features/visits.csv: half a year of events with every role, gaps, equal times, groups that people move
    between, and rows in no order."""
    rng = np.random.default_rng(11)
    users = [f"u{i:02}" for i in range(24)]
    home = {user: rng.choice(["DE", "FR", "US", "NO"]) for user in users}
    group = {user: rng.choice(["sales", "support", "lab"]) for user in users}
    rows = []
    for user in users:
        n = int(rng.integers(3, 40))
        start, length = int(rng.integers(0, 120)), int(rng.integers(5, 260))
        times = np.sort(rng.integers(start * 1440, (start + length) * 1440, n))
        # Now and then several events within minutes.
        for i in np.flatnonzero(rng.random(n) < 0.3):
            times[i:] = np.maximum(times[i:], times[i])
            times[i + 1 : i + 4] = times[i] + np.arange(3)[: len(times[i + 1 : i + 4])] * 7
        for minute in np.sort(times):
            if rng.random() < 0.02:
                group[user] = rng.choice(["sales", "support", "lab"])
            away = rng.random() < 0.12
            rows.append(
                {
                    "time": pd.Timestamp("2025-01-01") + pd.Timedelta(minutes=int(minute)),
                    "user": user,
                    "department": group[user] if rng.random() > 0.03 else "",
                    "action": rng.choice(["open", "save", "print", "share", "delete"], p=[0.5, 0.3, 0.1, 0.07, 0.03]),
                    "path": f"/{group[user]}/{int(rng.zipf(1.7)) % 12}",
                    "ip": f"10.{int(away)}.{int(rng.integers(0, 3))}.{int(rng.integers(0, 9))}"
                    if rng.random() < 0.9
                    else rng.choice(["2001:db8:1::5", "2001:db8:1:9::7", "::ffff:10.0.1.4", "gateway"]),
                    "country": rng.choice(["BR", "JP", "US"]) if away else home[user],
                    "device": rng.choice(["phone", "laptop"], p=[0.2, 0.8]),
                    "browser": rng.choice(["Chrome 81.0", "Chrome 82.0", "Firefox 70.1", "Edge 9"], p=[0.5, 0.3, 0.15, 0.05]),
                }
            )
    log = pd.DataFrame(rows)
    for column in ["country", "device", "browser", "ip", "path"]:
        log.loc[rng.random(len(log)) < 0.05, column] = ""
    log = log.sample(frac=1, random_state=3)
    log.to_csv(GOLDEN / "features" / "visits.csv", index=False, lineterminator="\n")


def read(file: str, roles: dict, n_rows: int | None) -> pd.DataFrame:
    """Rows with an entity and a time in order of time, equal times as in the file; columns named by role and kind."""
    log = pd.read_csv(GOLDEN / f"{file}.csv", keep_default_na=False, na_values=[""], dtype=str).head(n_rows)
    log = log.rename(columns={column: role for role, column in roles.items()})
    log = log.dropna(subset=["entity", "time"])
    form = "%d/%b/%Y:%H:%M:%S %z" if log["time"].str.contains("/").any() else "ISO8601"
    moments = pd.to_datetime(log["time"], format=form, utc=True)
    log["ms"] = [moment.value // 10**6 for moment in moments]
    if "address" in log:
        log["address_range"] = log["address"].map(address_range, na_action="ignore")
    if "browser" in log:
        log["browser"] = log["browser"].str.replace(r" [0-9.]+$", "", regex=True)
    return log.sort_values("ms", kind="stable").reset_index(drop=True)


def single(part: int, whole: int) -> float:
    """A share, in single precision as the engine keeps it."""
    return float(np.float32(part / whole)) if whole else NAN


def vectors(before: pd.DataFrame, kinds: list, days: dict, order: list) -> dict:
    """TF-IDF of each user over its windows as they are at the last event: at most 16 terms, of length 1."""
    now = before["ms"].iloc[-1]
    weights = {user: {} for user in order}
    n_events = dict.fromkeys(order, 0)
    for kind in kinds:
        window = before[(now - before["ms"] <= days[kind] * DAY) & before[kind].notna()]
        n_users = window["entity"].nunique()
        users_of = window.groupby(kind)["entity"].nunique()
        for (user, value), n in window.groupby(["entity", kind]).size().items():
            weights[user][(kind, value)] = n * (math.log((1 + n_users) / (1 + users_of[value])) + 1)
            n_events[user] += n
    first_use = {}
    for row in before.to_dict("records"):
        for kind in kinds:
            if isinstance(row[kind], str):
                first_use.setdefault((kind, row[kind]), len(first_use))
    kept = {}
    for user in order:
        if n_events[user] >= 5:
            terms = sorted(weights[user], key=lambda term: (-weights[user][term], first_use[term]))[:16]
            length = math.sqrt(sum(weights[user][term] ** 2 for term in terms))
            kept[user] = {term: weights[user][term] / length for term in terms}
    return kept


def nearest(user: str, kept: dict, order: list, n: int) -> list:
    if user not in kept:
        return []
    place = {other: i for i, other in enumerate(order)}
    cosines = []
    for other, vector in kept.items():
        cosine = sum(weight * kept[user].get(term, 0.0) for term, weight in vector.items())
        steps = round(cosine / 1e-9)
        if other != user and steps > 0:
            cosines.append((-steps, place[other], other))
    return [other for _, _, other in sorted(cosines)[:n]]


def by_event(log: pd.DataFrame, case: dict) -> list:
    kinds, days = case["kinds"], case["days"]
    uses = [kind for kind in kinds if kind in ("action", "resource")] or [kind for kind in kinds if kind != "address"]
    making, kept, order = 128, {}, []
    events = []
    for i, event in enumerate(log.to_dict("records")):
        before, user, now = log.iloc[:i], event["entity"], event["ms"]
        if i == making:
            order = list(before["entity"].drop_duplicates())
            kept = vectors(before, uses, days, order)
            making *= 2
        row = {}
        peers = nearest(user, kept, order, case["peers"]) if "group" not in log and case["peers"] else []
        for kind in kinds:
            value = event[kind]
            if not isinstance(value, str):
                row[kind] = None
                continue
            window = before[(now - before["ms"] <= days[kind] * DAY) & before[kind].notna()]
            same = window[window[kind] == value]
            own, other = same[same["entity"] == user], same[same["entity"] != user]
            others = window[window["entity"] != user]["entity"].nunique()
            if "group" in log:
                is_peer = lambda rows: rows[(rows["entity"] != user) & (rows["group"] == event["group"])]["entity"].nunique()
                n_using, n_peers = is_peer(same), is_peer(window)
            else:
                n_using, n_peers = len(set(peers) & set(other["entity"])), len(peers)
            had_any = bool((before.loc[before["entity"] == user, kind].notna()).any())
            row[kind] = {
                "new": int(len(own) == 0 and had_any),
                "own": single(len(own), int((window["entity"] == user).sum())),
                "new_to_peers": int(len(own) == 0 and n_peers > 0 and n_using == 0),
                "peer": single(n_using, n_peers),
                "new_to_everyone": int(len(same) == 0 and others > 0),
                "everyone": single(other["entity"].nunique(), others),
            }
        mine = log.iloc[: i + 1]
        mine = mine[mine["entity"] == user]
        first = mine["ms"].iloc[0]
        past = mine[now - mine["ms"] >= HOUR]["ms"]
        recent = len(mine) - len(past)
        row["account_age"] = (now - first) / DAY
        row["new_account"] = int(row["account_age"] < 30 and first - log["ms"].iloc[0] >= 30 * DAY)
        row["dormant_return"] = int(len(mine) > 1 and now - mine["ms"].iloc[-2] > case["dormant"] * DAY)
        usual = len(past) / (past // HOUR).nunique() if len(past) else NAN
        row["burst"] = float(np.float32(recent / usual)) if len(past) else NAN
        if "country" in kinds:
            known = mine[mine["country"].notna()]
            changed = (known["country"] != known["country"].shift()) & (known["ms"].diff() <= 6 * HOUR)
            row["country_changes"] = int((changed & (now - known["ms"] <= 6 * HOUR)).sum())
        events.append(row)
    return events


def features(events: list, case: dict, is_event: bool) -> dict:
    """Features of a row from its events."""
    row = {}

    def least(values: list) -> float | None:
        known = [value for value in values if value == value]
        return min(known) if known else NAN

    def most(values: list) -> float | None:
        known = [value for value in values if value == value]
        return max(known) if known else NAN

    for kind in case["kinds"]:
        many = kind if is_event else PLURAL.get(kind, kind + "s")
        prefix = "" if is_event else "least_"
        known = [event[kind] for event in events if event[kind]]
        row[f"new_{many}"] = sum(value["new"] for value in known)
        row[f"{prefix}own_share_{kind}"] = least([value["own"] for value in known])
        if case["has_peers"]:
            row[f"{many}_new_to_peers"] = sum(value["new_to_peers"] for value in known)
            row[f"{prefix}peer_share_{kind}"] = least([value["peer"] for value in known])
        row[f"{many}_new_to_everyone"] = sum(value["new_to_everyone"] for value in known)
        row[f"{prefix}everyone_share_{kind}"] = least([value["everyone"] for value in known])
    row["account_age"] = events[-1]["account_age"]
    row["new_account"] = max(event["new_account"] for event in events)
    row["dormant_return" if is_event else "dormant_returns"] = sum(event["dormant_return"] for event in events)
    row["burst"] = most([event["burst"] for event in events])
    if "country" in case["kinds"]:
        row["country_changes"] = max(event["country_changes"] for event in events)
    return row


def golden(file: str, recipe: str, roles: dict, settings: dict | None = None, n_rows: int | None = None) -> dict:
    settings = settings or {}
    log = read(file, roles, n_rows)
    kinds = [kind for kind in LOOK_BACK if kind in log and log[kind].notna().any()]
    given = {kind.replace("-", "_"): days for kind, days in settings.get("lookBackDays", {}).items()}
    case = {
        "kinds": kinds,
        "days": LOOK_BACK | given,
        "peers": settings.get("peers", 20),
        "dormant": settings.get("dormantDays", 180),
    }
    case["has_peers"] = "group" in log or case["peers"] > 0
    events = by_event(log, case)
    names, rows = [], {}
    if recipe == "login":
        keys = [f"{user} {pd.Timestamp(ms, unit='ms'):%Y-%m-%d %H:%M:%S}" for user, ms in zip(log["entity"], log["ms"])]
    elif recipe == "user-day":
        keys = [f"{user} {pd.Timestamp(ms, unit='ms'):%Y-%m-%d}" for user, ms in zip(log["entity"], log["ms"])]
    else:
        keys = list(log["entity"])
    # Several events of a user in one second have one name: rows of such a name are a list, in order of time.
    for key in dict.fromkeys(keys):
        own = [event for event, k in zip(events, keys) if k == key]
        parts = [[event] for event in own] if recipe == "login" else [own]
        made = [features(part, case, recipe == "login") for part in parts]
        names = list(made[0])
        rows[key] = [[None if value != value else value for value in row.values()] for row in made]
    return {
        "file": file,
        "recipe": recipe,
        "roles": roles,
        "n_rows": n_rows,
        "novelty": settings,
        "features": names,
        "rows": rows,
    }


EVERYTHING = {
    "entity": "user",
    "time": "time",
    "action": "action",
    "resource": "path",
    "address": "ip",
    "country": "country",
    "device": "device",
    "browser": "browser",
}
SHORT = {"lookBackDays": {"action": 20, "country": 7.5, "address-range": 2}, "dormantDays": 40, "peers": 3}

make_visits()
CASES = [
    golden("features/visits", "login", EVERYTHING),
    golden("features/visits", "login", EVERYTHING | {"group": "department"}, SHORT),
    golden("features/visits", "user-day", EVERYTHING, SHORT),
    golden("features/visits", "activity", EVERYTHING | {"group": "department"}),
    golden("features/logins", "login", without(RISK_BASED, "outcome"), {"lookBackDays": {"country": 10}}),
    golden("features/logins", "user-day", without(RISK_BASED, "outcome"), {"peers": 0}),
    golden("features/login_attempts", "login", without(LOGINS, "outcome")),
    golden("features/login_attempts", "activity", without(LOGINS, "outcome")),
    golden("features/office", "user-day", OFFICE),
    golden("profile/apache_access", "login", {"entity": "client_ip", "time": "timestamp", "resource": "request"}),
]

if __name__ == "__main__":
    made_by = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}
    lines = [json.dumps(case, ensure_ascii=False) for case in CASES]
    text = '{"made_by": ' + json.dumps(made_by) + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"
    (GOLDEN / "features_novelty.json").write_text(text, encoding="utf-8")
