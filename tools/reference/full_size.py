"""Outputs of full-size vision models, with weights and an image that any language can make again: integers hashed to numbers.

    python tools/reference/full_size.py

Writes packages/models-vision/golden/full-size.json. Parameters are filled in the order of their names on disk; number i of all of them is
u(i) = hash(i) / 2^32 - 1/2, and then: weights of norms 1 + u/5, other vectors u/25, matrices 3.4 u / sqrt(fan in), everything else u/25.
"""
import json
from pathlib import Path

import torch
from hashed import fill, sampled, uniform
from vision import on_disk

OUT = Path(__file__).parents[2] / "packages/models-vision/golden/full-size.json"

image = torch.from_numpy((2 * uniform(10**9, 3 * 224 * 224)).astype("float32")).reshape(1, 3, 224, 224)
results = {}


def record(name, outputs):
    results[name] = sampled(name, outputs)


with torch.no_grad():
    from transformers import SwinConfig, SwinForImageClassification, ViTConfig, ViTForImageClassification, ViTMAEConfig, ViTMAEForPreTraining

    labels = {"id2label": {i: str(i) for i in range(1000)}, "label2id": {str(i): i for i in range(1000)}}
    vit = ViTForImageClassification(ViTConfig(**labels))
    record("vit-b16", fill(vit, on_disk(vit))(pixel_values=image).logits)
    swin = SwinForImageClassification(SwinConfig(**labels))
    record("swin-t", fill(swin, on_disk(swin))(pixel_values=image).logits)
    mae = ViTMAEForPreTraining(ViTMAEConfig())
    noise = torch.from_numpy((uniform(2 * 10**9, 196) + 0.5).astype("float32")).reshape(1, 196)
    record("mae-b", fill(mae, on_disk(mae))(pixel_values=image, noise=noise).logits)
    import timm

    record("mixer-b16", fill(timm.create_model("mixer_b16_224", pretrained=False))(image))
OUT.write_text(json.dumps(results) + "\n")
