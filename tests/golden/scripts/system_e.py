"""Writes ../system_e.json: what xgboost's defaults make of system E's regression on the split that our trees are judged on.

Needs numpy and xgboost; the versions used are in the JSON. The rows are generated, prepared and split by the test, which
writes them to the folder named here:

    cargo test --test systems_learned -- --ignored --nocapture
    python tests/golden/scripts/system_e.py target/tmp
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import xgboost

N_SPLITS = 10
GOLDEN = Path(__file__).resolve().parent.parent


def case(path: Path) -> dict:
    with path.open(newline="") as file:
        header, *records = csv.reader(file)
    columns = header[3:]
    assert header[:3] == ["points", "entity", "held_out"], header
    points = np.array([float(record[0]) for record in records])
    held_out = np.array([record[2] == "1" for record in records])
    rows = np.array([[float(cell) for cell in record[3:]] for record in records])

    def errors_of(rows: np.ndarray, **parameters: str) -> np.ndarray:
        model = xgboost.XGBRegressor(**parameters)
        model.fit(rows[~held_out], points[~held_out])
        return model.predict(rows[held_out]).astype(float) - points[held_out]

    errors = errors_of(rows)
    mse = float(np.mean(errors**2))
    # What should not matter: the order of columns, which decides between cuts that win the same, and exact cuts.
    columns_reversed = float(np.mean(errors_of(rows[:, ::-1]) ** 2))
    exact = float(np.mean(errors_of(rows, tree_method="exact") ** 2))
    return {
        "rows": len(records),
        "test_rows": int(held_out.sum()),
        "columns": columns,
        "mse": mse,
        "mae": float(np.mean(np.abs(errors))),
        "mse_columns_reversed": columns_reversed,
        "mse_exact": exact,
    }


def main() -> None:
    folder = Path(sys.argv[1])
    golden = {
        "numpy": np.__version__,
        "xgboost": xgboost.__version__,
        "cases": {
            rows: [case(folder / f"system_e_{rows}_{seed}.csv") for seed in range(1, N_SPLITS + 1)]
            for rows in ["user", "login"]
        },
    }
    (GOLDEN / "system_e.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
