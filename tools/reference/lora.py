"""Writes adapters as PEFT saves them, for tiny models of random weights, with the adapted models' outputs and gradients.

    python tools/reference/lora.py

The base models are golden/bert_sequence and golden/vit; their golden.safetensors have the inputs. golden/bert_lora and golden/vit_lora get PEFT's
adapter_config.json and adapter_model.safetensors, and golden.safetensors with `logits`, `loss`, `grad.<key>` for everything that is trained, under its
key in adapter_model.safetensors without `base_model.model.`, `merged` (the logits with B·A in the weights), and `losses` (ten steps of AdamW).

`bert_lora` adapts two thirds of the joined query, key and value, with a rank and an alpha of its own for one layer, alpha / sqrt(r), dropout and a
trained head; `vit_lora` every linear layer, under the names that transformers has since version 5.
"""
import json
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import BertForSequenceClassification, ViTForImageClassification
from vision import curve, randomize

PACKAGES = Path(__file__).parents[2] / "packages"


def write(folder, base, kind, inputs, config):
    base = folder.parent / base
    given = load_file(base / "golden.safetensors")
    batch = {name: given[name] if given[name].is_floating_point() else given[name].long() for name in [*inputs, "labels"]}
    loss_of = lambda m: m(**batch).loss
    model = get_peft_model(kind.from_pretrained(base), config).eval()
    trained = torch.nn.ModuleList([m for n, m in model.named_modules() if n.endswith(("lora_A", "lora_B", "modules_to_save"))])
    randomize(trained, 21)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    settings = json.loads((folder / "adapter_config.json").read_text())
    settings |= {"base_model_name_or_path": base.name, "target_modules": sorted(settings["target_modules"])}
    (folder / "adapter_config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")

    out = model(**batch)
    out.loss.backward()
    key = lambda name: name.removeprefix("base_model.model.").replace(".default", "").replace(".modules_to_save", "")
    golden = {"logits": out.logits, "loss": out.loss}
    golden |= {"grad." + key(name): p.grad for name, p in model.named_parameters() if p.requires_grad}
    golden["losses"] = curve(model, loss_of)
    fresh = PeftModel.from_pretrained(kind.from_pretrained(base), folder)
    golden["merged"] = fresh.merge_and_unload()(**batch).logits
    save_file({k: v.detach().contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    print(f"{folder.name}: {sum(p.numel() for p in trained.parameters())} parameters, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


if __name__ == "__main__":
    write(PACKAGES / "models-nlp/golden/bert_lora", "bert_sequence", BertForSequenceClassification, ["input_ids", "token_type_ids", "attention_mask"],
          LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=6, lora_dropout=0.1, use_rslora=True, target_modules=["query", "value"],
                     rank_pattern={"layer.1.attention.self.value": 2}, alpha_pattern={"layer.0.attention.self.query": 3}))
    write(PACKAGES / "models-vision/golden/vit_lora", "vit", ViTForImageClassification, ["pixel_values"],
          LoraConfig(r=2, lora_alpha=3, target_modules="all-linear", modules_to_save=["classifier"]))
