"""Weights that any language can make again: integers hashed to numbers. Used by the programs that write outputs of full-size models."""
import numpy as np
import torch


def uniform(first, count):
    x = (np.arange(first, first + count, dtype=np.uint64) & 0xFFFFFFFF).astype(np.uint32)
    x ^= x >> 16
    x *= np.uint32(0x7FEB352D)
    x ^= x >> 15
    x *= np.uint32(0x846CA68B)
    x ^= x >> 16
    return x.astype(np.float64) / 2**32 - 0.5


def fill(model, rename=lambda key: key):
    first = 0
    with torch.no_grad():
        for key, parameter in sorted(((rename(k), p) for k, p in model.named_parameters()), key=lambda pair: pair[0]):
            u = uniform(first, parameter.numel()).reshape(parameter.shape)
            first += parameter.numel()
            matrix = parameter.dim() > 1 and key.endswith("weight")
            norm = parameter.dim() == 1 and key.endswith("weight")
            values = 1 + u / 5 if norm else 3.4 * u / np.sqrt(parameter[0].numel()) if matrix else u / 25
            parameter.copy_(torch.from_numpy(np.asarray(values, dtype=np.float32)))
    return model.eval()


def sampled(name, outputs):
    """Every step-th number of an output, about a thousand of them."""
    flat = outputs.detach().flatten().to(torch.float64)
    step = max(1, flat.numel() // 1000)
    print(name, list(outputs.shape), float(flat.std()))
    return {"shape": list(outputs.shape), "step": step, "values": [round(float(v), 6) for v in flat[::step]]}
