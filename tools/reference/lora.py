"""Writes adapters as PEFT saves them, for tiny models of random weights, with the adapted models' outputs and gradients.

    python tools/reference/lora.py

The base models are golden/bert_sequence and golden/vit; their golden.safetensors have the inputs. golden/bert_lora and golden/vit_lora get PEFT's
adapter_config.json and adapter_model.safetensors, and golden.safetensors with `logits`, `loss`, `grad.<key>` for everything that is trained, under its
key in adapter_model.safetensors without `base_model.model.`, `merged` (the logits with B·A in the weights), and `losses` (ten steps of AdamW).

`bert_dora` and `vit_dora` are DoRAs, on word embeddings and on the convolution that cuts patches, too. packages/layers/golden/peft has the same for a net with a
strided convolution and an embedding with a padding id: its weights, its inputs, and a plain adapter and a DoRA.

`bert_lora` adapts two thirds of the joined query, key and value, with a rank and an alpha of its own for one layer, alpha / sqrt(r), dropout and a
trained head; `vit_lora` every linear layer, under the names that transformers has since version 5.
"""
import json
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F
from transformers import BertForSequenceClassification, ViTForImageClassification
from vision import curve, randomize

PACKAGES = Path(__file__).parents[2] / "packages"


def write(folder, base, kind, inputs, config):
    base = folder.parent / base
    given = load_file(base / "golden.safetensors")
    batch = {name: given[name] if given[name].is_floating_point() else given[name].long() for name in [*inputs, "labels"]}
    adapt(folder, lambda: kind.from_pretrained(base), base.name, batch, config)


def adapt(folder, make, base, batch, config):
    loss_of = lambda m: m(**batch).loss
    model = get_peft_model(make(), config).eval()
    trained = torch.nn.ModuleList([m for n, m in model.named_modules() if n.endswith(("lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B", "modules_to_save"))])
    randomize(trained, 21)
    lengths = torch.Generator().manual_seed(22)
    for name, parameter in model.named_parameters():
        if "lora_magnitude_vector" in name:
            parameter.data *= 1 + torch.rand(parameter.shape, generator=lengths) / 2
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    settings = json.loads((folder / "adapter_config.json").read_text())
    settings |= {"base_model_name_or_path": base, "target_modules": sorted(settings["target_modules"])}
    (folder / "adapter_config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")

    out = model(**batch)
    out.loss.backward()
    key = lambda name: name.removeprefix("base_model.model.").replace(".default", "").replace(".modules_to_save", "").replace("lora_magnitude_vector.weight", "lora_magnitude_vector")
    golden = {"logits": out.logits, "loss": out.loss}
    golden |= {"grad." + key(name): p.grad for name, p in model.named_parameters() if p.requires_grad}
    golden["losses"] = curve(model, loss_of)
    fresh = PeftModel.from_pretrained(make(), folder)
    golden["merged"] = fresh.merge_and_unload()(**batch).logits
    save_file({k: v.detach().contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    print(f"{folder.name}: {sum(p.numel() for p in trained.parameters())} parameters, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


class Net(nn.Module):
    """Images (B, 2, 7, 6) and ids (B, 4) → (B, 3)."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(9, 5, padding_idx=0)
        self.conv = nn.Conv2d(2, 5, 3, stride=2, padding=1)
        self.plain = nn.Conv2d(5, 4, 2, bias=False)
        self.head = nn.Linear(9, 3)

    def forward(self, images, ids, labels):
        seen = self.plain(F.gelu(self.conv(images))).mean((2, 3))
        logits = self.head(torch.cat([seen, self.words(ids).mean(1)], 1))
        return SimpleNamespace(logits=logits, loss=F.cross_entropy(logits, labels))


def nets():
    folder = PACKAGES / "layers/golden/peft"
    folder.mkdir(exist_ok=True)
    torch.manual_seed(1)
    net = Net()
    batch = {"images": torch.randn(4, 2, 7, 6), "ids": torch.randint(0, 9, (4, 4)), "labels": torch.tensor([0, 2, 1, 1])}
    save_file(net.state_dict() | {k: v if v.is_floating_point() else v.int() for k, v in batch.items()}, folder / "net.safetensors")
    for name, more in [("lora", {}), ("dora", {"use_dora": True})]:
        adapt(folder / name, lambda: deepcopy(net), "net", batch, LoraConfig(r=2, lora_alpha=3, target_modules=["words", "conv", "plain", "head"], **more))


if __name__ == "__main__":
    nets()
    write(PACKAGES / "models-nlp/golden/bert_dora", "bert_sequence", BertForSequenceClassification, ["input_ids", "token_type_ids", "attention_mask"],
          LoraConfig(task_type="SEQ_CLS", r=2, lora_alpha=5, use_dora=True, target_modules=["word_embeddings", "token_type_embeddings", "query", "value", "output.dense"]))
    write(PACKAGES / "models-vision/golden/vit_dora", "vit", ViTForImageClassification, ["pixel_values"],
          LoraConfig(r=2, lora_alpha=3, use_dora=True, target_modules=["projection", "q_proj", "v_proj", "fc1"], modules_to_save=["classifier"]))
    write(PACKAGES / "models-nlp/golden/bert_lora", "bert_sequence", BertForSequenceClassification, ["input_ids", "token_type_ids", "attention_mask"],
          LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=6, lora_dropout=0.1, use_rslora=True, target_modules=["query", "value"],
                     rank_pattern={"layer.1.attention.self.value": 2}, alpha_pattern={"layer.0.attention.self.query": 3}))
    write(PACKAGES / "models-vision/golden/vit_lora", "vit", ViTForImageClassification, ["pixel_values"],
          LoraConfig(r=2, lora_alpha=3, target_modules="all-linear", modules_to_save=["classifier"]))
