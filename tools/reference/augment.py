"""Writes what Pillow's ImageEnhance makes of a small picture, for the colour jitter of @x/models-vision.

    python tools/reference/augment.py   # Pillow 13.0
"""
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

OUT = Path(__file__).parents[2] / "packages/models-vision/golden/image/enhance.json"
pixels = np.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=np.uint8)
picture = Image.fromarray(pixels)
kinds = {"brighter": ImageEnhance.Brightness, "contrasted": ImageEnhance.Contrast, "saturated": ImageEnhance.Color}
cases = [{"kind": name, "factor": factor, "data": np.asarray(kind(picture).enhance(factor)).flatten().tolist()}
         for name, kind in kinds.items() for factor in [0.0, 0.3, 0.61803, 1.0, 1.37, 2.5]]  # fmt: skip
OUT.write_text(json.dumps({"width": 7, "height": 5, "data": pixels.flatten().tolist(), "cases": cases}) + "\n")
