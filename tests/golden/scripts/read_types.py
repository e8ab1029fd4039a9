"""Writes ../read_types.json: what pandas reads in the columns of published logs, as digests of all values.

Needs numpy and pandas; the versions used are in the JSON. Run, with the published data beside the checkout:

    python tests/golden/scripts/read_types.py

A column is of the type that pandas infers from its values, words for no value aside; times are read by `to_datetime`
with the format that the file has. Every value is then written as a line of text (`LINES`), and the digest is the 64-bit
FNV-1a hash of the lines.
"""

import json
import platform
import struct
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[3]
HEADS = ROOT / "tests/fixtures/ingest/logs"
DATA = ROOT / "../shared/data"
MISSING = ["", "NA", "N/A", "NaN", "null", "NULL", "None", "-"]

ISO = "%Y-%m-%d %H:%M:%S"
TIMES = {
    "apache_access": {"timestamp": "%d/%b/%Y:%H:%M:%S %z"},
    "file_operations": {"timestamp": ["%m/%d/%Y %H:%M:%S", "%m.%d.%Y %H:%M"]},
    "login_attempts_labelled": {"datetime": "%Y-%m-%d %H:%M:%S.%f"},
    "ssh_auth": {"timestamp": "%b %d %H:%M:%S"},
    "a_user_activity": {"timestamp": ISO},
    "b_user_day_features": {"date": "%Y-%m-%d"},
    "c_balanced_40": {"transaction_date": "%Y-%m-%d"},
    "c_imbalanced": {"transaction_date": ISO},
    "c_sample_100": {"transaction_date": "%Y-%m-%d"},
}

LINES = {
    "integer": str,
    "float": lambda value: struct.pack(">d", value).hex(),
    "boolean": lambda value: "true" if value else "false",
    # Milliseconds since 1970, rounded down.
    "timestamp": lambda value: str(value.value // 1_000_000),
    "text": str,
}


def read_times(texts: pd.Series, formats) -> pd.Series:
    """Times by the first format that fits each; a year that is not written is 2000, as the engine takes it (a leap year)."""
    formats = [formats] if isinstance(formats, str) else formats
    read = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[ns]")
    for form in formats:
        if "%Y" not in form:
            times = pd.to_datetime("2000 " + texts, format="%Y " + form, errors="coerce")
        else:
            times = pd.to_datetime(texts, format=form, errors="coerce")
        if times.dt.tz is not None:
            times = times.dt.tz_convert("UTC").dt.tz_localize(None)
        read = read.fillna(times.astype("datetime64[ns]"))
    assert read.notna().all(), texts[read.isna()].head()
    return read


def typed(texts: pd.Series, formats) -> tuple:
    """The type of a column without its missing values, and its values."""
    if formats:
        return "timestamp", read_times(texts, formats)
    if texts.empty:
        return "text", texts
    if texts.str.lower().isin(["true", "false"]).all():
        return "boolean", texts.str.lower() == "true"
    try:
        numbers = pd.to_numeric(texts)
    except ValueError:
        return "text", texts
    if numbers.dtype == np.int64:
        return "integer", numbers
    # `to_numeric` rounds some decimals by a bit; `astype` does not.
    return "float", texts.astype(float)


def fnv(text: str) -> str:
    digest = 0xCBF29CE484222325
    for byte in text.encode():
        digest = (digest ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def golden(folder: Path, path: Path) -> dict:
    separator = ";" if path.stem == "file_operations" else ","
    table = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    columns = []
    for name in table.columns:
        texts = table[name].str.strip()
        is_there = ~texts.isin(MISSING)
        kind, values = typed(texts[is_there], TIMES.get(path.stem, {}).get(name))
        line = LINES[kind]
        lines = pd.Series("∅", index=texts.index)
        # Text keeps its spaces.
        source = table[name][is_there] if kind == "text" else values
        lines[is_there] = [line(value) for value in source.tolist()] if kind != "timestamp" else [line(v) for v in source]
        columns.append(
            {
                "name": name,
                "type": kind,
                "missing": int((~is_there).sum()),
                "first": lines.head(3).tolist(),
                "digest": fnv("".join(text + "\n" for text in lines)),
            }
        )
    return {"folder": folder.name, "file": path.name, "rows": len(table), "columns": columns}


if __name__ == "__main__":
    folders = [HEADS, DATA / "logs", DATA / "systems"]
    files = [golden(folder, path) for folder in folders for path in sorted(folder.glob("*.csv"))]
    for file, folder in zip(files, [f for f in folders for _ in sorted(f.glob("*.csv"))]):
        file["folder"] = "heads" if folder == HEADS else folder.name
    made_by = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}
    lines = [json.dumps(file, ensure_ascii=False) for file in files]
    text = '{"made_by": ' + json.dumps(made_by) + ',\n"files": [\n' + ",\n".join(lines) + "\n]}\n"
    (ROOT / "tests/golden/read_types.json").write_text(text, encoding="utf-8")
