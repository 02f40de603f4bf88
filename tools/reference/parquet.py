"""Writes a small Parquet file for @x/train's reader.

    pip install pyarrow
    python tools/reference/parquet.py
"""
from pathlib import Path

import pyarrow
import pyarrow.parquet

OUT = Path(__file__).parents[2] / "packages/train/golden/rows.parquet"
pyarrow.parquet.write_table(pyarrow.table({"text": ["good", "bad ä"], "label": [1, 0], "score": [0.5, None]}), OUT)
