"""One native peer, one thread, file to six behaviour features per user: `native.py PEER LAYOUT FILE`.

With `whole` behind it, polars and DuckDB read all columns into a typed table first, as pandas does here in any case; else
they read the five that they need.

With `events`, `users` or `logins` behind it, features of a table that is in memory already, and only the query is timed:
the six of an event log, or those of logins per user or per login (running, in order of time).

Prints one JSON line: milliseconds of the work (imports excluded), peak memory, and the checksum every peer must agree
on. Settings of threads alone do not keep every library on one core (pandas 3 reads with two), so the process is held
to one as well, where the system can.
"""
import json
import os
import resource
import sys
import time

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
    os.environ[name + "_NUM_THREADS"] = "1"
os.environ["POLARS_MAX_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

COLUMNS = {
    "events": ("timestamp", "user_id", "ip", "country", "device", "%Y-%m-%dT%H:%M:%SZ"),
    "logins": ("Login Timestamp", "User ID", "IP Address", "Country", "Device Type", "%Y-%m-%d %H:%M:%S%.3f"),
}


def pandas(path, layout):
    import pandas as pd

    def work():
        at, user, ip, country, device, _ = COLUMNS[layout]
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
        times = pd.to_datetime(table[at], format="ISO8601", utc=True)
        table["_ms"] = times.astype("int64") // {"ns": 1_000_000, "us": 1_000, "ms": 1}[times.dt.unit]
        table["_night"] = times.dt.hour < 6
        groups = table.groupby(user, sort=False)
        r = groups.agg(n=("_ms", "size"), ip=(ip, "nunique"), country=(country, "nunique"), device=(device, "nunique"),
                       night=("_night", "mean"), first=("_ms", "min"), last=("_ms", "max"))
        gap = ((r["last"] - r["first"]) / 1000 / (r.n - 1)).where(r.n > 1, 0.0)
        return len(r), r.n.sum(), r.ip.sum() + r.country.sum() + r.device.sum(), r.night.sum(), gap.sum()

    return work


def polars(path, layout, is_whole=False):
    import polars as pl

    def work():
        at, user, ip, country, device, form = COLUMNS[layout]
        t, n = pl.col("t"), pl.col("n")
        log = pl.scan_csv(path).with_columns(pl.col(at).str.to_datetime(form))
        if is_whole:
            log = log.collect().lazy()
        r = (
            log
            .select(pl.col(user).alias("u"), pl.col(at).alias("t"), pl.col(ip).alias("ip"),
                    pl.col(country).alias("country"), pl.col(device).alias("device"))
            .group_by("u")
            .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("ip").n_unique(), pl.col("country").n_unique(),
                 pl.col("device").n_unique(), (t.dt.hour() < 6).mean().alias("night"),
                 (t.max() - t.min()).dt.total_milliseconds().alias("span"))
            .with_columns(gap=pl.when(n > 1).then(pl.col("span") / 1000 / (n - 1)).otherwise(0.0))
            .collect()
        )
        return r.height, r["n"].sum(), r["ip"].sum() + r["country"].sum() + r["device"].sum(), r["night"].sum(), r["gap"].sum()

    return work


def duckdb(path, layout, is_whole=False):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads=1")

    def work():
        at, user, ip, country, device, _ = COLUMNS[layout]
        log = f"""(SELECT *, CAST("{at}" AS TIMESTAMP) t FROM read_csv('{path}', types={{'{at}': 'VARCHAR'}}))"""
        if is_whole:
            connection.execute(f"CREATE TABLE log AS FROM {log}")
            log = "log"
        r = connection.execute(f"""
            SELECT count(*), sum(n), sum(d), sum(night), sum(gap) FROM (
              SELECT count(*) n, count(DISTINCT "{ip}") + count(DISTINCT "{country}") + count(DISTINCT "{device}") d,
                avg(CASE WHEN hour(t) < 6 THEN 1.0 ELSE 0.0 END) night,
                CASE WHEN count(*) > 1 THEN (epoch_ms(max(t)) - epoch_ms(min(t))) / 1000.0 / (count(*) - 1) ELSE 0 END gap
              FROM {log}
              GROUP BY "{user}")""")
        return r.fetchone()

    return work


EVENTS = {"u": "user_id", "ip": "ip", "c": "country", "d": "device"}
LOGINS = {"u": "User ID", "ip": "IP Address", "c": "Country", "d": "Device Type", "b": "Browser Name and Version"}


def duckdb_in_memory(path, unit):
    import duckdb

    with open(os.path.join(os.path.dirname(__file__), "features.json"), encoding="utf-8") as file:
        query = "\n".join(json.load(file)[unit])
    connection = duckdb.connect()
    connection.execute("SET threads=1")
    columns, time = (EVENTS, "timestamp") if unit == "events" else (LOGINS, "Login Timestamp")
    selected = [f'"{name}" {short}' for short, name in columns.items()]
    selected.append(f'epoch_ms(CAST("{time}" AS TIMESTAMP)) t')
    if unit != "events":
        selected.append("\"Login Successful\" = 'True' ok")
    connection.execute(f"CREATE TABLE log AS SELECT {', '.join(selected)} FROM read_csv('{path}', all_varchar=true)")
    return lambda: connection.execute(query).fetchone()


def polars_events(path, _):
    import polars as pl

    t, n = pl.col("t"), pl.col("n")
    log = (
        pl.scan_csv(path, infer_schema_length=0)
        .select(*(pl.col(name).alias(short) for short, name in EVENTS.items()),
                pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.timestamp("ms").alias("t"))
        .collect()
    )

    def users():
        r = (
            log.lazy().group_by("u")
            .agg(pl.len().cast(pl.Int64).alias("n"), (t // 3_600_000 % 24 < 6).mean().alias("night"), (t.max() - t.min()).alias("span"),
                 pl.sum_horizontal(*(pl.col(c).n_unique().cast(pl.Int64) for c in ("ip", "c", "d"))).alias("k"))
            .select(n=n.sum(), k=pl.col("k").sum(), ratio=pl.col("night").sum(),
                    gap=(pl.when(n > 1).then(pl.col("span") / 1000 / (n - 1)).otherwise(0)).sum(), since=pl.len())
            .collect()
        )
        return r.row(0)

    return users


def polars_logins(path, unit):
    import polars as pl

    u, t, ok, b = pl.col("u"), pl.col("t"), pl.col("ok"), pl.col("b")
    log = (
        pl.scan_csv(path, infer_schema_length=0)
        .select(*(pl.col(name).alias(short) for short, name in LOGINS.items()),
                pl.col("Login Timestamp").str.to_datetime("%Y-%m-%d %H:%M:%S%.3f").dt.timestamp("ms").alias("t"),
                (pl.col("Login Successful") == "True").alias("ok"))
        .collect()
    )
    family = b.str.replace(r" [0-9.]+$", "").alias("b")

    def users():
        r = (
            log.lazy().with_columns(family).group_by("u")
            .agg(pl.len().cast(pl.Int64).alias("n"), (~ok).sum().cast(pl.Int64).alias("f"), ok.sum().cast(pl.Int64).alias("s"),
                 pl.sum_horizontal(*(pl.col(c).n_unique().cast(pl.Int64) for c in ("ip", "c", "d", "b"))).alias("k"),
                 (t.max() - t.min()).alias("span"), (t.max() - t.sort().slice(-2, 1).first()).alias("last"))
            .select(n=pl.col("n").sum(), k=pl.col("k").sum(), ratio=(pl.col("f") / pl.col("s").clip(1)).sum(),
                    gap=(pl.when(pl.col("n") > 1).then(pl.col("span") / 1000 / (pl.col("n") - 1)).otherwise(0)).sum(),
                    since=(pl.when(pl.col("n") > 1).then(pl.col("last") / 1000).otherwise(0)).sum())
            .collect()
        )
        return r.row(0)

    def logins():
        first = [pl.struct("u", c).is_first_distinct().cast(pl.Int32).alias(f"n{c}") for c in ("ip", "c", "d", "b")]
        so_far = [pl.col(f"n{c}").cum_sum().over("u") for c in ("ip", "c", "d", "b")]
        r = (
            log.lazy().with_columns(family).sort("t", maintain_order=True).with_columns(*first)
            .with_columns(*so_far, pl.int_range(1, pl.len() + 1).over("u").alias("n"),
                          (~ok).cast(pl.Int32).cum_sum().over("u").alias("f"), ok.cast(pl.Int32).cum_sum().over("u").alias("s"),
                          (t.diff().over("u") / 1000).alias("since"))
            .select(n=pl.col("n").sum().cast(pl.Int64), k=pl.sum_horizontal("nip", "nc", "nd", "nb").cast(pl.Int64).sum(),
                    ratio=(pl.col("f") / pl.col("s").clip(1)).sum(), gap=pl.lit(0), since=pl.col("since").sum())
            .collect()
        )
        return r.row(0)

    return users if unit == "users" else logins


peer, layout, path, *unit = sys.argv[1:]
is_whole = unit == ["whole"]
if is_whole:
    unit = []
    work = {"polars": polars, "duckdb": duckdb}[peer](path, layout, is_whole)
elif unit:
    polars_in_memory = polars_events if unit[0] == "events" else polars_logins
    work = {"polars": polars_in_memory, "duckdb": duckdb_in_memory}[peer](path, unit[0])
else:
    work = {"pandas": pandas, "polars": polars, "duckdb": duckdb}[peer](path, layout)
start = time.perf_counter()
result = work()
ms = (time.perf_counter() - start) * 1000
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
if unit:
    n, distinct, ratio, gap, since = result
    check = f"{n:.0f} {distinct:.0f} {ratio:.0f} {gap:.0f} {since:.0f}"
else:
    users, rows, distinct, night, gap = result
    check = f"{users} {rows} {distinct} {night:.3f} {gap:.0f}"
print(json.dumps({"ms": ms, "peakMb": peak, "check": check}))
