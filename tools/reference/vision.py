"""Writes tiny vision models of random weights with PyTorch's own outputs, loss and gradients.

    python tools/reference/vision.py            # all
    python tools/reference/vision.py vit swin   # some

Each goes to packages/models-vision/golden/<name>/: config.json and model.safetensors as the hub would have them, and golden.safetensors with
`pixel_values`, `labels`, `logits`, `loss` (mean cross-entropy), and `grad.<key>` for every parameter under its key in model.safetensors.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy

OUT = Path(__file__).parents[2] / "packages/models-vision/golden"


def randomize(model, seed):
    """Weights of order 0.1 everywhere, biases and norms included, so that no gradient hides behind a zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            norm = parameter.dim() == 1 and ("norm" in name.lower()) and name.endswith("weight")
            parameter.copy_(1 + 0.1 * noise if norm else 0.15 * noise)


def write(name, model, config, images, keys=None, forward=None, labels=None):
    model.eval()
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    rename = keys or (lambda key: key)
    logits = (forward or (lambda m, x: m(x)))(model, images)
    labels = torch.arange(images.shape[0]) % logits.shape[-1] if labels is None else labels
    loss = cross_entropy(logits, labels)
    loss.backward()
    golden = {"pixel_values": images, "labels": labels.to(torch.int32), "logits": logits.detach(), "loss": loss.detach()}
    for key, parameter in model.named_parameters():
        if parameter.grad is not None:
            golden["grad." + rename(key)] = parameter.grad
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    save_file({rename(k): v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


def images(batch, side, seed, channels=3, width=None):
    return torch.randn(batch, channels, side, width or side, generator=torch.Generator().manual_seed(seed))


def on_disk(model):
    """In-memory name → name on disk, found by saving: transformers 5 renamed modules but still writes the old names."""
    import tempfile
    from safetensors.torch import load_file

    marked = {}
    saved_values = {k: v.clone() for k, v in model.state_dict().items()}
    with torch.no_grad():
        for i, (key, value) in enumerate(model.state_dict().items()):
            value.fill_(float(i))
            marked[float(i)] = key
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        written = load_file(Path(folder) / "model.safetensors")
    names = {marked[float(v.flatten()[0])]: k for k, v in written.items()}
    model.load_state_dict(saved_values)
    return lambda key: names.get(key, key)


def vit():
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(image_size=16, patch_size=4, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
                       id2label={i: f"LABEL_{i}" for i in range(5)}, label2id={f"LABEL_{i}": i for i in range(5)})
    model = ViTForImageClassification(config)
    randomize(model, 1)
    write("vit", model, {**config.to_dict(), "architectures": ["ViTForImageClassification"]}, images(2, 16, 2), on_disk(model),
          lambda m, x: m(pixel_values=x).logits)
    model.zero_grad()
    write("vit_interpolated", model, {**config.to_dict(), "architectures": ["ViTForImageClassification"]}, images(2, 24, 3, width=20), on_disk(model),
          lambda m, x: m(pixel_values=x, interpolate_pos_encoding=True).logits)


def deit():
    from transformers import DeiTConfig, DeiTForImageClassificationWithTeacher

    config = DeiTConfig(image_size=16, patch_size=4, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
                        id2label={i: f"LABEL_{i}" for i in range(5)}, label2id={f"LABEL_{i}": i for i in range(5)})
    model = DeiTForImageClassificationWithTeacher(config)
    randomize(model, 4)
    write("deit_distilled", model, {**config.to_dict(), "architectures": ["DeiTForImageClassificationWithTeacher"]}, images(2, 16, 5), on_disk(model),
          lambda m, x: m(pixel_values=x).logits)


def timm_vit():
    import timm.models.vision_transformer as vt

    for name, extra in {"timm_vit": {}, "timm_vit_mean": {"global_pool": "avg", "class_token": True}}.items():
        args = dict(img_size=16, patch_size=4, depth=2, embed_dim=24, num_heads=3, num_classes=5, **extra)
        model = vt.VisionTransformer(**args)
        randomize(model, 6)
        write(name, model, args, images(2, 16, 7))


ALL = {f.__name__: f for f in (vit, deit, timm_vit)}
if __name__ == "__main__":
    for name in sys.argv[1:] or ALL:
        ALL[name]()
