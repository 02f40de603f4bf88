"""Loads what `savePretrained` writes with the library that it is for, and compares the outputs: every class of models with every golden folder, and what else users save.

    python tools/reference/saved.py             # prints a table; fails if a difference is above 1e-5
    python tools/reference/saved.py <folder>    # of models that were saved there before

Node saves them first (apps/everywhere/test/write-saved.ts). Nothing is committed. With torch, transformers 5.24, timm 1.0.31, open_clip 3.3, peft 0.21.2,
sentence-transformers 6.2.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import numpy
import torch
import transformers
from safetensors.torch import load_file

ROOT = Path(__file__).parents[2]


# What a class has and doesn't compute with: poolers of encoders that were trained without, tokens for masks in a model that sees all, what an untied head has besides.
UNUSED = re.compile(r"(^|\.)pooler\.|\.mask_token$|^(cls\.predictions|lm_head)\.bias$|^model\.shared\.weight$")


class Unknown(Exception):
    """No library has this model."""


def write(folder):
    node = ROOT / "node_modules/.bin/node"
    command = [node if node.exists() else "node", "--conditions=@x/source", "--disable-warning=ExperimentalWarning"]
    subprocess.run([*command, ROOT / "apps/everywhere/test/write-saved.ts", folder], cwd=ROOT, check=True)


def tensors(row):
    floats = ("pixel_values", "noise")
    return {
        name: torch.tensor(value["values"], dtype=torch.float32 if name in floats else torch.long).reshape(value["shape"])
        for name, value in row["inputs"].items()
    }


def of_timm(folder, config, inputs):
    import timm
    from timm.models.mlp_mixer import MlpMixer

    if "architecture" in config:
        return [timm.create_model(f"local-dir:{folder}", pretrained=True).eval()(inputs["pixel_values"])], config["architecture"]
    if {"hidden_act", "layer_norm_eps"} & set(config):
        raise Unknown("timm's constructor can't be told the activation or the epsilon")
    if "num_blocks" not in config["model_args"]:
        raise Unknown("no name of timm's says all of it")
    model = MlpMixer(**config["model_args"]).eval()
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return [model(inputs["pixel_values"])], "MlpMixer(**model_args)"


def of_open_clip(folder, inputs):
    import open_clip

    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    length = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]["text_cfg"]["context_length"]
    ids = torch.nn.functional.pad(inputs["input_ids"], (0, length - inputs["input_ids"].shape[1]))  # nobody looks behind the end
    features = model.eval()(inputs["pixel_values"], ids)
    return [features[0] @ features[1].T * features[2], *features[:2]], "open_clip"


def of_colbert(folder, inputs):
    from sentence_transformers import MultiVectorEncoder

    ids = inputs["input_ids"]
    features = MultiVectorEncoder(str(folder), device="cpu")({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
    return [features["token_embeddings"]], "MultiVectorEncoder"


def of_torch(folder, config, inputs):
    raise Unknown("torch.nn.Transformer has no files of its own")


def of_transformers(folder, config, row, inputs):
    if config["model_type"] == "transformer":
        return of_torch(folder, config, inputs)
    if config["model_type"] == "fnet" and (config["mixer"] != "fourier" or config["num_attention_layers"] > 0):
        raise Unknown("hybrids and linear mixers are FNet's authors' only")
    name = config["architectures"][0]
    kind = getattr(transformers, name)
    model, report = kind.from_pretrained(folder, output_loading_info=True)
    troubles = {key: value for key, value in report.items() if value and key != "missing_keys"}
    missing = [key for key in report["missing_keys"] if not UNUSED.search(key)]
    if missing:
        troubles["missing_keys"] = missing
    if troubles:
        raise ValueError(f"loading says {troubles}")
    if "adapter" in row:
        import warnings

        from peft import PeftModel

        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".*missing adapter keys")
            model = PeftModel.from_pretrained(model, folder.parent / row["adapter"])
        name += " with PEFT"
    result = model.eval()(**inputs)
    found = [value for value in result.values() if isinstance(value, torch.Tensor)]
    if "last_hidden_state" in result:  # a model without a head: its tokens, or one of them
        found += [result["last_hidden_state"][:, 0], result["last_hidden_state"][:, 1:].mean(1), result["last_hidden_state"].mean(1)]
    return found, name


def of_sentence_transformers(folder, row):
    from sentence_transformers import SentenceTransformer

    if "texts" not in row and not any(folder.glob("*tokenizer*")) and json.loads((folder / "config.json").read_text())["model_type"] == "modernbert":
        raise Unknown("sentence-transformers asks for a tokenizer, and there is none")
    model = SentenceTransformer(str(folder), device="cpu")
    if "texts" in row:
        return [torch.tensor(numpy.asarray(model.encode(row["texts"])))], [row["vectors"]]
    ids = tensors(row)["input_ids"]
    features = model({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
    return [features["sentence_embedding"]], row["outputs"]


def outputs_of(row, root):
    folder = root / row["folder"]
    if (folder / "modules.json").exists():
        theirs, ours = of_sentence_transformers(folder, row)
        return theirs, ours, "SentenceTransformer"
    inputs = tensors(row)
    if (folder / "open_clip_config.json").exists():
        theirs, by = of_open_clip(folder, inputs)
        return theirs, row["outputs"], by
    config = json.loads((folder / "config.json").read_text())
    if row["kind"] == "ColBERT":
        theirs, by = of_colbert(folder, inputs)
    elif "model_type" not in config:
        theirs, by = of_timm(folder, config, inputs)
    else:
        theirs, by = of_transformers(folder, config, row, inputs)
    return theirs, row["outputs"], by


def difference(theirs, ours):
    """The greatest one, relative to the greatest number where that is above 1. Of an encoder there may be fewer outputs here, or some that are pooled."""
    worst = 0.0
    numbers = [torch.tensor(one, dtype=torch.float64).flatten() for one in ours]
    first = max(numbers, key=len)
    for mine in numbers:
        same = [tensor.detach().double().flatten() for tensor in theirs if tensor.numel() == mine.numel()]
        if not same and mine is not first:
            continue  # what only we give: masks, embeddings
        if not same:
            raise ValueError(f"{[tuple(tensor.shape) for tensor in theirs]} for {len(mine)} numbers")
        scale = max(1.0, mine.abs().max().item())
        worst = max(worst, min((tensor - mine).abs().max().item() for tensor in same) / scale)
    return worst


def main():
    torch.set_grad_enabled(False)
    with tempfile.TemporaryDirectory() as made:
        root = Path(sys.argv[1] if len(sys.argv) > 1 else made)
        if len(sys.argv) < 2:
            write(root)
        failed = 0
        for row in json.loads((root / "rows.json").read_text()):
            try:
                theirs, ours, by = outputs_of(row, root)
                worst = difference(theirs, ours)
                failed += worst > 1e-5
                print(f"| {row['name']} | {by} | {worst:.1e} |{' above 1e-5' if worst > 1e-5 else ''}")
            except Unknown as why:
                print(f"| {row['name']} | nobody | {why} |")
            except Exception as error:
                failed += 1
                print(f"| {row['name']} | {type(error).__name__} | {str(error)[:300]} | FAILED")
        print(f"{failed} failed")
        sys.exit(failed > 0)


if __name__ == "__main__":
    main()
