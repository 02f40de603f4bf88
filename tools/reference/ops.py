"""Writes PyTorch's numbers for every case of packages/layers/test/ops.table.ts to packages/layers/golden/ops.safetensors.

    python tools/reference/ops.py

The cases come from the table itself (Node runs it). For case i of an op: `<op>.<i>.<input>` the inputs, `.y` the result, `.dy` the gradient to start from,
`.d_<input>` the gradients. PyTorch computes in float64 from the float32 inputs; the metadata's `cases` is what was computed, for the tests to compare.
"""
import json
import os
import re
import subprocess
import zlib
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

ROOT = Path(__file__).parents[2]
OUT = ROOT / "packages/layers/golden/ops.safetensors"


def in_torch(name):
    """The function that PyTorch has under our name: `greaterEqual` is torch.greater_equal, `softplus` torch.nn.functional.softplus."""
    snake = re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), name)
    return getattr(torch, snake, None) or getattr(F, snake)


def function(name):
    """Ours or PyTorch's, of a case's options and its inputs. PyTorch's gets the options by position, in the table's order."""
    return OPS.get(name) or (lambda c, *inputs: in_torch(name)(*inputs, *c.values()))


def with_number(name):
    """An operand that is a number, first or second."""
    def call(c, x):
        operands = (x, torch.tensor(c["number"], dtype=x.dtype))
        return function(name)({}, *(operands[::-1] if c.get("numberFirst") else operands))
    return call


def over_axes(reduce):
    return lambda c, x: reduce(x, c.get("axes", tuple(range(x.dim()))), keepdim=c.get("keepAxes", False))


def attend(query, key, value, options, bias=None, mask=None):
    """query (B, Nq, D), key and value (B, Nk, D); sample b takes mask b mod M; the last query sees all keys if causal."""
    heads = options["numHeads"]
    batch, queries, width = query.shape
    split = lambda x: x.reshape(batch, x.shape[1], heads, width // heads).transpose(1, 2)
    total = torch.zeros(batch, heads, queries, key.shape[1], dtype=query.dtype)
    if bias is not None:
        total = total + bias
    if mask is not None:
        total = total + mask.repeat(batch // mask.shape[0], 1, 1)[:, None]
    if options.get("causal"):
        seen = torch.ones(queries, key.shape[1], dtype=torch.bool).tril(key.shape[1] - queries)
        total = total.masked_fill(~seen, float("-inf"))
    y = F.scaled_dot_product_attention(split(query), split(key), split(value), attn_mask=total, scale=options.get("scale"))
    return y.transpose(1, 2).reshape(batch, queries, width)


def self_attention(c, qkv, bias=None, mask=None):
    if "windows" not in c:
        return attend(*qkv.chunk(3, -1), c, bias, mask)
    table = torch.tensor(c["windows"])
    batch, _, triple = qkv.shape
    inside = attend(*qkv[:, table].reshape(-1, table.shape[1], triple).chunk(3, -1), c, bias, mask)
    back = torch.argsort(table.flatten())
    return inside.reshape(batch, -1, triple // 3)[:, back]


def cross_attention(c, query, key_value, bias=None, mask=None):
    return attend(query, *key_value[:, : c.get("keyCount")].chunk(2, -1), c, bias, mask)


def linear(c, x, weight, bias=None):
    y = F.linear(x, weight.flatten(1), bias)
    return function(c["activation"])({}, y) if "activation" in c else y


def interpolate(x, axis, length, mode, scale=None):
    """Along one axis: as an image of (length of the axis) × (all the rest), the rest left as it is."""
    moved = x.movedim(axis, 0)
    image = moved.reshape(1, 1, moved.shape[0], -1)
    how = dict(mode={"linear": "bilinear"}.get(mode, "bicubic"), align_corners=False, antialias=mode == "cubicAntialias")
    size = dict(size=(length, image.shape[3])) if scale is None else dict(scale_factor=(1 / scale, 1.0), recompute_scale_factor=False)
    y = F.interpolate(image, **size, **how)
    return y.reshape(length, *moved.shape[1:]).movedim(0, axis)


def patchify(c, x):
    p = c["patchSize"]
    b, ch, h, w = x.shape
    order = (0, 2, 4, 1, 3, 5) if c["layout"] == "channelsFirst" else (0, 2, 4, 3, 5, 1)
    return x.reshape(b, ch, h // p, p, w // p, p).permute(*order).reshape(b, (h // p) * (w // p), ch * p * p)


def unpatchify(c, x):
    p, h, w = c["patchSize"], c["height"], c["width"]
    b, _, length = x.shape
    ch = length // p**2
    if c["layout"] == "channelsFirst":
        return x.reshape(b, h // p, w // p, ch, p, p).permute(0, 3, 1, 4, 2, 5).reshape(b, ch, h, w)
    return x.reshape(b, h // p, w // p, p, p, ch).permute(0, 5, 1, 3, 2, 4).reshape(b, ch, h, w)


def cross_entropy(reduction):
    def call(c, logits):
        labels = torch.tensor(c["labels"])
        y = F.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction=reduction, label_smoothing=c.get("labelSmoothing", 0.0),
                            ignore_index=c.get("ignoreIndex", -100))
        return y.reshape(labels.shape) if reduction == "none" else y
    return call


def batch_norm_training(c, x, weight, bias):
    """Written out, because PyTorch refuses channels of a single value."""
    axes = [axis for axis in range(x.dim()) if axis != 1]
    centred = x - x.mean(axes, keepdim=True)
    along = lambda v: v.reshape([1, -1] + [1] * (x.dim() - 2))
    return centred / (centred.square().mean(axes, keepdim=True) + c["eps"]).sqrt() * along(weight) + along(bias)


def matmul(c, a, b):
    return torch.matmul(a.mT if c.get("transposeA") else a, b.mT if c.get("transposeB") else b)


# What PyTorch has under another name, with other arguments, or not at all. All else is found by name.
OPS = {
    "geluTanh": lambda c, x: F.gelu(x, approximate="tanh"), "quickGelu": lambda c, x: x * torch.sigmoid(1.702 * x),
    "negate": lambda c, x: torch.neg(x), "equal": lambda c, a, b: torch.eq(a, b), "notEqual": lambda c, a, b: torch.ne(a, b),
    "where": lambda c, condition, a, b=None: torch.where(condition != 0, a, c["number"] if b is None else b),
    **{f"{name} with a number": with_number(name) for name in (
        "add", "subtract", "multiply", "divide", "maximum", "minimum", "greater", "greaterEqual", "less", "lessEqual", "equal", "notEqual")},
    "scaleAndShift": lambda c, x: c["scale"] * x + c["shift"],
    "softmax": lambda c, x: F.softmax(x, -1), "logSoftmax": lambda c, x: F.log_softmax(x, -1),
    "layerNorm": lambda c, x, weight, bias: F.layer_norm(x, weight.shape, weight, bias, c["eps"]),
    "fft": lambda c, x: torch.view_as_real((torch.fft.ifft if c.get("inverse") else torch.fft.fft)(torch.view_as_complex(x.contiguous()))) if x.numel() else x.clone(),
    "fourierMix": lambda c, x: torch.fft.fft2(x).real if x.numel() else x.clone(),
    "matmul": matmul, "linear": linear, "selfAttention": self_attention,
    "attention": lambda c, q, k, v, bias=None, mask=None: attend(q, k, v, c, bias, mask),
    "crossAttention": cross_attention, "explicitCrossAttention": cross_attention,
    "explicitAttention": lambda c, q, k, v, bias=None, mask=None: attend(q, k, v, c, bias, mask),
    "embedding": lambda c, table: table[torch.tensor(c["ids"], dtype=torch.long)],
    "gatherTokens": lambda c, x: torch.stack([row[torch.tensor(ids)] for row, ids in zip(x, c["ids"])]),
    "slice": lambda c, x: x.narrow(c["axis"], c["begin"], c["end"] - c["begin"]),
    "concat": lambda c, *parts: torch.cat(parts, c["axis"]), "stack": lambda c, *parts: torch.stack(parts, c["axis"]),
    "split": lambda c, x: torch.cat(torch.split(x, c["sizes"], c["axis"])[::-1], c["axis"]),
    "max": lambda c, x: x.amax(c["axis"]), "min": lambda c, x: x.amin(c["axis"]),
    **{f"{name} {over}": over_axes(reduce) for over in ("of all", "over axes")
       for name, reduce in (("sum", torch.sum), ("mean", torch.mean), ("max", torch.amax), ("min", torch.amin))},
    "patchify": patchify, "unpatchify": unpatchify,
    "interpolate": lambda c, x: interpolate(x, c["axis"], c["length"], c["mode"], c.get("scale")),
    "interpolate an image": lambda c, x: interpolate(interpolate(x, 1, c["height"], c["mode"]), 2, c["width"], c["mode"]),
    "conv2d": lambda c, x, weight, bias=None: F.conv2d(x, weight, bias, c.get("stride", 1), c.get("padding", 0)),
    "averagePool2d": lambda c, x: F.avg_pool2d(x, c["kernelSize"]),
    "batchNorm": lambda c, x, weight, bias, mean, variance: F.batch_norm(x, mean, variance, weight, bias, eps=c["eps"]),
    "batchNormTraining": batch_norm_training,
    "normalize": lambda c, x: x / x.norm(dim=-1, keepdim=True),
    "binaryCrossEntropy": lambda c, logits, targets: F.binary_cross_entropy_with_logits(logits, targets),
    "crossEntropy": cross_entropy("mean"), "crossEntropyPerRow": cross_entropy("none"),
    "meanSquaredError": lambda c, prediction, target: (prediction - target).square().mean(),
}


# Ops whose bias comes in the table's order, not by name.
POSITIONAL_BIAS = {"layerNorm", "batchNorm", "batchNormTraining"}


def draw(shape, kind, generator):
    x = torch.randn(shape, generator=generator)
    if kind == "positive":
        return x.abs() + 0.2
    if kind == "awayFromZero":
        return torch.where(x < 0, x - 0.2, x + 0.2)
    if kind == "whole":
        return x.round()
    if kind == "share":
        return x.sigmoid()
    if kind == "mask":
        seen = x > -0.5
        seen[..., 0] = True
        return torch.where(seen, x, float("-inf"))
    return x


def table():
    """The cases: [{op, key, call, inputs: [name, kind, constant]}], as the tests see them."""
    program = (
        'const { ops } = await import("./packages/layers/test/ops.table.ts");'
        "console.log(JSON.stringify(ops.flatMap(({ name, cases }) => cases.map(({ key, call, inputs, kinds, constants }) =>"
        " ({ op: name, key, call, inputs: inputs.map((input) => [input, kinds[input], constants.includes(input)]) })))))"
    )
    node = ROOT / "node_modules/.bin/node"
    command = [node if node.exists() else "node", "--conditions=@x/source", "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program]
    environment = {**os.environ, "PATH": f"{ROOT / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}"}
    return json.loads(subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout)


def main():
    golden = {}
    cases = table()
    for case in cases:
        key, call = case["key"], case["call"]
        generator = torch.Generator().manual_seed(zlib.crc32(key.encode()))
        inputs = {name: draw(call[name], kind, generator).double() for name, kind, _ in case["inputs"]}
        for name, _, constant in case["inputs"]:
            inputs[name].requires_grad_(not constant)
        try:
            optional = {name: x for name, x in inputs.items() if name in ("bias", "mask") and case["op"] not in POSITIONAL_BIAS}
            options = {name: value for name, value in call.items() if name not in inputs}
            y = function(case["op"])(options, *(x for name, x in inputs.items() if name not in optional), **optional)
            dy = torch.randn(y.shape, generator=generator).double()
            if y.requires_grad:
                y.backward(dy)
        except Exception as error:
            raise RuntimeError(f"{key} {call}") from error
        golden |= {f"{key}.{name}": x for name, x in inputs.items()} | {f"{key}.y": y, f"{key}.dy": dy}
        golden |= {f"{key}.d_{name}": x.grad if x.grad is not None else torch.zeros_like(x) for name, x in inputs.items() if x.requires_grad}
    OUT.parent.mkdir(exist_ok=True)
    described = {case["key"]: case["call"] for case in cases}
    save_file({k: v.detach().float().contiguous() for k, v in golden.items()}, OUT, metadata={"cases": json.dumps(described, separators=(",", ":"))})
    print(f"{len(cases)} cases, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
