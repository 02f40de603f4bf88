"""Writes the checkpoint files that the tests of packages/layers/src/io read: what PyTorch and safetensors themselves write.

Run: python tools/reference/checkpoints.py        (torch, safetensors, numpy; made with the versions in expected.json)
"""

import argparse
import json
import pathlib
import pickle
from collections import OrderedDict

import safetensors
import torch
from safetensors.torch import save_file
from torch import nn

out = pathlib.Path(__file__).parents[2] / "packages/layers/test/fixtures/io"
out.mkdir(parents=True, exist_ok=True)
expected = {"versions": {"torch": torch.__version__, "safetensors": safetensors.__version__}}


def describe(tensors):
    return {
        name: {"shape": list(t.shape), "data": [float(x) for x in t.detach().reshape(-1).to(torch.float64)]}
        for name, t in tensors.items()
    }


def numbers(*shape, start=0.0):
    count = int(torch.tensor(shape).prod()) if shape else 1
    return (torch.arange(count, dtype=torch.float32) / 4 + start).reshape(shape)


# 1. Every dtype, a scalar, an empty tensor.
dtypes = [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
every = {str(dtype).removeprefix("torch."): (torch.arange(6) - (0 if dtype == torch.uint8 else 3)).reshape(2, 3).to(dtype) for dtype in dtypes}
every["bool"] = torch.tensor([True, False, True])
every["scalar"] = torch.tensor(2.5)
every["empty"] = torch.zeros(0, 4)
save_file(every, out / "every-dtype.safetensors", metadata={"format": "pt"})
torch.save(every, out / "every-dtype.pt")
torch.save(every, out / "every-dtype-legacy.bin", _use_new_zipfile_serialization=False)
torch.save(every, out / "every-dtype-protocol4.pt", pickle_protocol=4)
expected["every-dtype"] = describe(every)

# 2. What our writer must write byte for byte: plain, with the larger dtypes first.
plain = {"b.weight": numbers(3, 4), "a.bias": numbers(5, start=-1), "c": torch.tensor(1.5), "a.ids": torch.arange(4, dtype=torch.int32)}
for dtype in (torch.float32, torch.float16, torch.bfloat16):
    converted = {name: t if t.dtype == torch.int32 else t.to(dtype) for name, t in plain.items()}
    save_file(converted, out / f"plain-{str(dtype).removeprefix('torch.')}.safetensors", metadata={"format": "pt"})
expected["plain"] = describe(plain)

# 3. Strides, offsets, shared storage.
base = numbers(6, 8)
storage = numbers(40)
strided = OrderedDict(
    transposed=base.t(),
    permuted=numbers(2, 3, 4).permute(2, 0, 1),
    rows=base[2:5],
    columns=base[:, 1:4],
    every_other=base[::2, ::3],
    expanded=numbers(3).expand(4, 3),
    shared_a=storage[:10],
    shared_b=storage[30:].reshape(2, 5),
    tied=base,
    overlapping=storage.as_strided((3, 4), (2, 1), 5),
)
torch.save(strided, out / "strided.pt")
torch.save(strided, out / "strided-legacy.pt", _use_new_zipfile_serialization=False)
expected["strided"] = describe(strided)


# 4. Wrapped by a training script, with its notes and its optimiser beside; parameters; DataParallel's prefix.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.fc = nn.Linear(3, 2)
        self.layers = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1, bias=False))
        self.scale = nn.Parameter(torch.tensor(0.5))

    def forward(self, x):
        return self.layers(self.fc(self.norm(x))) * self.scale


torch.manual_seed(0)
net = Net()
net(torch.randn(4, 3)).sum().backward()
optimizer = torch.optim.AdamW(net.parameters())
optimizer.step()
args = argparse.Namespace(lr=1e-3, output=pathlib.PurePosixPath("here"), device=torch.device("cpu"), dtype=torch.float32)
notes = {"epoch": 3, "args": args, "optimizer": optimizer.state_dict(), "big": 2**80, "ids": {1, 2}, "rate": 0.5, "none": None}
torch.save({"model": nn.DataParallel(net).state_dict(), **notes}, out / "wrapped-model.pth")
torch.save({"state_dict": OrderedDict((f"module.{k}", v) for k, v in net.named_parameters()), **notes}, out / "wrapped-parameters.pth")
expected["net"] = describe(net.state_dict())
expected["net-parameters"] = describe(dict(net.named_parameters()))

# 5. TorchScript, as OpenAI publishes CLIP: half precision, a tree of objects.
script = torch.jit.script(net.eval()).half()
script.save(str(out / "torchscript.pt"))
expected["torchscript"] = describe(script.state_dict())

# 6. Refused: code in place of data.
torch.save(net, out / "whole-module.pt")


class Command:
    def __reduce__(self):
        import os

        return os.system, ("touch /tmp/checkpoint-was-executed",)


torch.save({"weight": torch._neg_view(torch.tensor([1.0, -2.0]))}, out / "negated.pt")
torch.save({"weight": numbers(2), "evil": Command()}, out / "command.pt")
torch.save({"weight": numbers(2), "evil": Command()}, out / "command-legacy.pt", _use_new_zipfile_serialization=False)
with open(out / "not-torch.pkl", "wb") as file:
    pickle.dump({"a": 1}, file, protocol=2)

# 7. Rounding to half precision: random bits, ties, denormals, infinities, NaN.
generator = torch.Generator().manual_seed(1)
bits = torch.randint(-(2**31), 2**31 - 1, (3000,), generator=generator, dtype=torch.int64).to(torch.int32)
near = (torch.randn(3000, generator=generator) * torch.logspace(-9, 5, 3000)).view(torch.int32)
ties = (torch.arange(-2048, 2048, dtype=torch.int32) * 4096 + 0x38800000).to(torch.int32)
edges = torch.tensor([0.0, -0.0, 65504, 65519.996, 65520, 65536, 1e38, float("inf"), -float("inf"), float("nan"), 2.0**-24, 2.0**-25, 2.0**-25 * 1.0001, 2.0**-14, 1e-45, 3.3895314e38, 3.4028235e38])
values = torch.cat([bits, near, ties, edges.view(torch.int32)]).view(torch.float32)
save_file(
    {"float32": values, "float16": values.half().view(torch.int16), "bfloat16": values.bfloat16().view(torch.int16)},
    out / "rounding.safetensors",
)

(out / "expected.json").write_text(json.dumps(expected))
