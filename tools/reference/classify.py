"""Writes five pictures as files, tiny ViT, Swin and Mixer models that tell them apart, and the probabilities that PyTorch gives each picture.

    python tools/reference/classify.py   # Pillow 13.0, see image.py

Goes to packages/models-vision/golden/classify/: the pictures, <model>/ as the hub has it with its processor's config, and probabilities.json. The
head is solved for the pictures, so that each has a class of its own; probabilities go the whole way: file, Pillow, processor, model, softmax.
"""
import json
from pathlib import Path

import numpy as np
import timm.data
import timm.models.mlp_mixer
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import SwinConfig, SwinForImageClassification, ViTConfig, ViTForImageClassification, ViTImageProcessorPil

from vision import on_disk, randomize

OUT = Path(__file__).parents[2] / "packages/models-vision/golden/classify"
LABELS = ["stripes", "sky", "checks", "leaf", "night"]
FILES = {"stripes.png": {}, "sky.jpg": {"quality": 90}, "checks.bmp": {}, "leaf.webp": {"quality": 80}, "night.gif": {}}


def pictures():
    """(name, (H, W, 3)): of different sizes, all of them other than the models'."""
    y, x = np.mgrid[0:30, 0:40] / 30
    flat = np.ones_like(x)
    rng = np.random.default_rng(0)
    yield "stripes.png", np.stack([np.sin(20 * x) > 0, 0.1 * flat, np.sin(20 * x) < 0], -1)
    yield "sky.jpg", np.stack([0.4 + 0.4 * y, 0.6 + 0.3 * y, flat], -1)[:, :33]
    yield "checks.bmp", np.repeat(((8 * x).astype(int) + (8 * y).astype(int))[..., None] % 2, 3, -1)[:27]
    yield "leaf.webp", np.stack([0.2 * flat, np.clip(1.2 - 1.5 * np.hypot(x - 0.6, y - 0.5), 0, 1), 0.1 * flat], -1)
    yield "night.gif", 0.9 * (rng.random((24, 24, 3)) > 0.95)


def solve_head(head, features):
    """A logit of 1.5 to 3.5 for a picture's own class, and others for the rest: every picture with a certainty and an order of its own."""
    wanted = torch.diag(torch.arange(1.5, 4, 0.5)) + sum(0.2 * i * torch.eye(5).roll(i, 0) for i in (1, 2, 3))
    middle = features.mean(0)
    with torch.no_grad():
        head.weight.copy_((torch.linalg.pinv(features - middle) @ (wanted - wanted.mean(0))).T)
        head.bias.copy_(wanted.mean(0) - head.weight @ middle)


def hugging_face(name, kind, config, head_input):
    model = kind(config)
    randomize(model, 20)
    model.eval()
    size = {"height": config.image_size, "width": config.image_size}
    processor = ViTImageProcessorPil(size=size)
    pixels = torch.cat([processor(picture, return_tensors="pt")["pixel_values"] for picture in read()])
    with torch.no_grad():
        solve_head(model.classifier, head_input(model, pixels))
        logits = model(pixel_values=pixels).logits
    rename = on_disk(model)
    preprocessor = {"image_processor_type": "ViTImageProcessor", "size": size, "resample": 2, "do_resize": True, "do_rescale": True,
                    "do_normalize": True, "rescale_factor": 1 / 255, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    write(name, {**config.to_dict(), "architectures": [kind.__name__]}, {rename(k): v for k, v in model.state_dict().items()}, preprocessor)
    return logits


def mixer():
    args = dict(img_size=16, patch_size=4, num_blocks=1, embed_dim=16, mlp_ratio=(0.5, 2.0), num_classes=5)
    model = timm.models.mlp_mixer.MlpMixer(**args)
    randomize(model, 20)
    model.eval()
    pretrained = {"input_size": [3, 16, 16], "interpolation": "bilinear", "crop_pct": 0.875, "mean": [0.5] * 3, "std": [0.5] * 3, "num_classes": 5}
    transform = timm.data.create_transform(**timm.data.resolve_data_config(pretrained_cfg=pretrained), is_training=False)
    pixels = torch.stack([transform(picture) for picture in read()])
    with torch.no_grad():
        solve_head(model.head, model.forward_head(model.forward_features(pixels), pre_logits=True))
        logits = model(pixels)
    write("mixer", {"num_classes": 5, "label_names": LABELS, "model_args": args, "pretrained_cfg": pretrained}, model.state_dict())
    return logits


def read():
    return [Image.open(OUT / file).convert("RGB") for file in FILES]


def write(name, config, weights, preprocessor=None):
    folder = OUT / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    if preprocessor:
        (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2) + "\n")
    save_file({k: v.contiguous() for k, v in weights.items()}, folder / "model.safetensors", metadata={"format": "pt"})


OUT.mkdir(exist_ok=True)
for file, values in pictures():
    Image.fromarray((255 * values).clip(0, 255).astype(np.uint8)).save(OUT / file, **FILES[file])
labels = dict(id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)})
vit = ViTConfig(image_size=16, patch_size=4, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, **labels)
swin = SwinConfig(image_size=32, patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[1, 2], window_size=4, **labels)
logits = {
    "vit": hugging_face("vit", ViTForImageClassification, vit, lambda m, x: m.vit(pixel_values=x).last_hidden_state[:, 0]),
    "swin": hugging_face("swin", SwinForImageClassification, swin, lambda m, x: m.swin(pixel_values=x).pooler_output),
    "mixer": mixer(),
}
probabilities = {name: dict(zip(FILES, values.softmax(-1).tolist())) for name, values in logits.items()}
(OUT / "probabilities.json").write_text(json.dumps(probabilities, indent=1) + "\n")
for name, rows in probabilities.items():
    print(name, {file: (LABELS[int(np.argmax(row))], round(max(row), 3)) for file, row in rows.items()})
