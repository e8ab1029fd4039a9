"""What Python's csv module makes of the CSV corpora beside the checkout (../shared/data/csv), as digests.

The reference is `csv.reader(strict=True)`: a file that it refuses is not in the golden. A file is decoded by its byte order
mark, else as UTF-8, else as Windows-1252, and read with each of four delimiters, because which one a file means is not
the reference's to say. Empty lines are no records. Records are padded with empty fields, or cut, to `width` fields: that of
the first record, the most frequent one and the largest. A digest is the 64-bit FNV-1a of all fields, each followed by 0x1F,
each record by 0x1E, from record `first` on: behind a header, and behind lines that stand above it. A field of nothing but
white space counts as empty, because Isoscope takes it as missing.

    python3 csv_corpora.py ../shared/data/csv > ../csv_corpora.json
"""
import csv, io, json, platform, sys
from collections import Counter
from pathlib import Path

csv.field_size_limit(1 << 30)
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
MAX_BYTES = 4 << 20


def decoded(data):
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # As browsers have it: bytes that Windows-1252 does not define are C1 controls.
        return "".join(bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in data)


def digest(records, width):
    h = 0xCBF29CE484222325
    for record in records:
        for field in (record + [""] * width)[:width]:
            field = field if field.strip("\t\n\x0c\r ") else ""
            for byte in field.encode("utf-8", "surrogatepass") + b"\x1f":
                h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
        h = ((h ^ 0x1E) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def main(folder):
    files = {}
    for path in sorted(Path(folder).rglob("*")):
        if not path.is_file() or path.suffix.lower() not in (".csv", ".tsv", ".txt") or path.stat().st_size > MAX_BYTES:
            continue
        data = path.read_bytes()
        try:
            text = decoded(data)
        except UnicodeDecodeError:
            continue
        readings = {}
        for delimiter, name in DELIMITERS.items():
            try:
                records = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if r]
            except csv.Error:
                continue
            if not records:
                continue
            usual = Counter(len(r) for r in records).most_common(1)[0][0]
            # A delimiter that is nowhere in the file is nobody's reading of it, but for a file of one column.
            if usual == 1 and len(records[0]) == 1 and name != "comma":
                continue
            readings[name] = {
                "records": len(records),
                "digests": [
                    {"width": width, "first": first, "digest": digest(records[first:], width)}
                    for width in sorted({len(records[0]), usual, max(map(len, records))})
                    for first in range(min(6, len(records)))
                ],
            }
        if readings:
            files[path.relative_to(folder).as_posix()] = readings
    json.dump({"python": platform.python_version(), "files": files}, sys.stdout, indent=0, sort_keys=True)
    print()


main(Path(sys.argv[1]))
