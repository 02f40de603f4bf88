"""Writes what timm's own models are made of: every pretrained `vit_*`, `deit*`, `swin*` and `mixer*`, made without memory for its weights.

    python tools/reference/timm_tags.py                      # packages/models-vision/golden/timm-tags.json
    python tools/reference/timm_tags.py --fixtures folder    # a tiny model of each architecture, as `pnpm parity` reads them

The file has, for each architecture, its tags (with how many classes each has), its state dict's entries (those of blocks once, with `{i}` for the
number, of which the first number of the shape is how many; names that several architectures share stand in `names`), and what no entry says: activation,
epsilon, heads, pooling, image size, block.
"""
import json
import re
import sys
from pathlib import Path

import timm
import torch
from timm.models import get_pretrained_cfg
from timm.models._registry import _model_to_module
from torch import nn

OUT = Path(__file__).parents[2] / "packages/models-vision/golden/timm-tags.json"
PREFIXES = ("vit_", "deit", "swin", "mixer")


def tags():
    found = {}
    for name in timm.list_models(pretrained=True):
        if name.startswith(PREFIXES):
            architecture, _, tag = name.partition(".")
            found.setdefault(architecture, []).append(tag)
    return found


def entries(model):
    """Name → shape; blocks that are alike are one line, `blocks.{i}.norm1.weight` with how many there are."""
    lines = {}
    for key, value in model.state_dict().items():
        pattern = re.sub(r"\bblocks\.\d+\.", "blocks.{i}.", key)
        count, shape = lines.get(pattern, (0, list(value.shape)))
        if shape != list(value.shape):
            pattern = key
        lines[pattern] = (count + 1, shape)
    return {pattern: shape if "{i}" not in pattern else [count, *shape] for pattern, (count, shape) in lines.items()}


def options(model):
    """What the forward pass does, read off the modules."""
    said = {}
    block = next((m for name, m in model.named_modules() if name.endswith("blocks.0")), None)
    said["block"] = type(block).__name__
    attention = getattr(block, "attn", None)
    if attention is not None:
        said["heads"] = attention.num_heads
    act = next((m for m in block.modules() if type(m).__module__.startswith(("torch.nn.modules.activation", "timm.layers.activations"))), None) if block else None
    said["act"] = type(act).__name__ + (f" {act.approximate}" if getattr(act, "approximate", "none") != "none" else "")
    said["eps"] = next((m.eps for m in model.modules() if isinstance(m, nn.LayerNorm)), None)
    said["pool"] = model.global_pool if isinstance(getattr(model, "global_pool", None), str) else "avg"
    for name in ("no_embed_class", "num_reg_tokens"):
        if hasattr(model, name):
            said[name] = getattr(model, name)
    said["mlp"] = type(getattr(block, "mlp", None)).__name__
    return said


def main():
    lines, names = [], []
    for architecture, found in sorted(tags().items()):
        classes = {tag: get_pretrained_cfg(f"{architecture}.{tag}" if tag else architecture).num_classes for tag in found}
        with torch.device("meta"):
            model = timm.create_model(architecture, num_classes=7)
        cfg = get_pretrained_cfg(f"{architecture}.{found[0]}" if found[0] else architecture)
        held = entries(model)
        if list(held) not in names:
            names.append(list(held))
        row = {"module": _model_to_module[architecture], "tags": classes, "input": list(cfg.input_size), **options(model), "names": names.index(list(held)), "shapes": list(held.values())}
        lines.append(f"{json.dumps(architecture)}: {json.dumps(row, separators=(',', ':'))}")
    lists = ",\n".join(json.dumps(one, separators=(",", ":")) for one in names)
    lines.append(f'"names": [\n{lists}\n]')
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(lines) - 1, "architectures,", sum(len(found) for found in tags().values()), "tags,", OUT.stat().st_size, "bytes")


def fixtures(folder):
    from safetensors.torch import save_file

    shape = dict(img_size=16, patch_size=4, embed_dim=24, depth=2, num_heads=3)
    swin = dict(img_size=32, patch_size=2, embed_dim=12, depths=(2, 2), num_heads=(2, 3), window_size=4)
    for number, architecture in enumerate(sorted(tags())):
        module = _model_to_module[architecture]
        args = swin if module.startswith("swin") else shape if module in ("vision_transformer", "deit") else None
        if args is None:
            continue
        torch.manual_seed(number)
        try:
            model = timm.create_model(architecture, num_classes=5, **args).eval()
        except Exception as error:
            print(architecture, error)
            continue
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.1 * torch.randn(parameter.shape))
            x = torch.randn(2, 3, args["img_size"], args["img_size"])
            features = model.forward_features(x)
            logits = model(x)
        to = Path(folder) / architecture
        to.mkdir(parents=True, exist_ok=True)
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, to / "model.safetensors")
        side = args["img_size"]
        config = {"architecture": architecture, "num_classes": 5, "model_args": args, "pretrained_cfg": {"input_size": [3, side, side], "num_classes": 5}}
        (to / "config.json").write_text(json.dumps(config))
        tensor = lambda t: {"shape": list(t.shape), "dtype": "float32", "data": t.flatten().tolist()}
        (to / "io.json").write_text(json.dumps({"x": tensor(x), "features": tensor(features), "logits": tensor(logits)}))


if __name__ == "__main__":
    fixtures(sys.argv[2]) if sys.argv[1:2] == ["--fixtures"] else main()
