"""Writes what transformers' and timm's processors make of pictures, for the cases that the file lists.

    python tools/reference/processors.py   # Pillow 13.0, see image.py

packages/models-vision/golden/image/processors.json holds the cases: a config, and the size of the picture, cut from resize-source.rgb. Each gets
`shape` and the beginning of the SHA-256 of the float32 pixels. A new case needs `name`, `config` and `image` only.
"""
import hashlib
import json
from pathlib import Path

import numpy as np
import timm.data
import transformers
from PIL import Image

FOLDER = Path(__file__).parents[2] / "packages/models-vision/golden/image"
SOURCE = Image.fromarray(np.frombuffer((FOLDER / "resize-source.rgb").read_bytes(), np.uint8).reshape(47, 61, 3))


def picture(width, height):
    """The left upper part of the source; where that isn't high enough, the source turned left."""
    source = SOURCE.transpose(Image.Transpose.ROTATE_90) if height > 47 else SOURCE
    return source.crop((0, 0, width, height))


def pixels(config, image):
    kind = config.get("image_processor_type")
    if kind:
        settings = {k: v for k, v in config.items() if k != "image_processor_type"}
        return getattr(transformers, kind + "Pil")(**settings)(image, return_tensors="np")["pixel_values"][0]
    data = timm.data.resolve_data_config(pretrained_cfg=config)
    return timm.data.create_transform(**data, is_training=False)(image).numpy()


cases = json.loads((FOLDER / "processors.json").read_text())
for case in cases:
    result = np.ascontiguousarray(pixels(case["config"], picture(*case["image"])), np.float32)
    case["shape"] = list(result.shape)
    case["sha256"] = hashlib.sha256(result.tobytes()).hexdigest()[:16]
(FOLDER / "processors.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
