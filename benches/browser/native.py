"""One native peer, one thread, file to six behaviour features per user: `native.py PEER LAYOUT FILE`.

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


def polars(path, layout):
    import polars as pl

    def work():
        at, user, ip, country, device, form = COLUMNS[layout]
        t, n = pl.col("t"), pl.col("n")
        r = (
            pl.scan_csv(path)
            .select(pl.col(user).alias("u"), pl.col(at).str.to_datetime(form).alias("t"), pl.col(ip).alias("ip"),
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


def duckdb(path, layout):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads=1")

    def work():
        at, user, ip, country, device, _ = COLUMNS[layout]
        r = connection.execute(f"""
            SELECT count(*), sum(n), sum(d), sum(night), sum(gap) FROM (
              SELECT count(*) n, count(DISTINCT "{ip}") + count(DISTINCT "{country}") + count(DISTINCT "{device}") d,
                avg(CASE WHEN hour(t) < 6 THEN 1.0 ELSE 0.0 END) night,
                CASE WHEN count(*) > 1 THEN (epoch_ms(max(t)) - epoch_ms(min(t))) / 1000.0 / (count(*) - 1) ELSE 0 END gap
              FROM (SELECT *, CAST("{at}" AS TIMESTAMP) t FROM read_csv('{path}', types={{'{at}': 'VARCHAR'}}))
              GROUP BY "{user}")""")
        return r.fetchone()

    return work


work = {"pandas": pandas, "polars": polars, "duckdb": duckdb}[sys.argv[1]](sys.argv[3], sys.argv[2])
start = time.perf_counter()
users, rows, distinct, night, gap = work()
ms = (time.perf_counter() - start) * 1000
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"ms": ms, "peakMb": peak, "check": f"{users} {rows} {distinct} {night:.3f} {gap:.0f}"}))
