"""Writes ../agents.json: what ua-parser says of the user agents of a published access log.

Needs pandas and ua-parser; the versions used are in the JSON. Run, with the published data beside the checkout:

    python tests/golden/scripts/agents.py

The log is parsed from the access log of https://github.com/elastic/examples, Apache-2.0.
"""

import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from ua_parser import parse

ROOT = Path(__file__).resolve().parents[3]
LOG = ROOT / "../shared/data/logs/apache_access.csv"

counts = pd.read_csv(LOG, keep_default_na=False)["user_agent"].value_counts()
rows = []
for text in sorted(counts.index):
    found = parse(text)
    family = found.user_agent.family if found.user_agent else None
    system = found.os.family if found.os else None
    is_bot = bool(found.device and found.device.family == "Spider")
    rows.append([text, int(counts[text]), family, system, is_bot])
made_by = {"ua-parser": version("ua-parser"), "pandas": pd.__version__}
lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
(ROOT / "tests/golden/agents.json").write_text(
    '{"made_by": ' + json.dumps(made_by) + ',\n"agents": [\n' + lines + "\n]}\n", encoding="utf-8"
)
