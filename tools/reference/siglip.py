"""Writes a tiny SigLIP of random weights with PyTorch's own outputs, sigmoid loss and gradients, and what its tokenizer makes of texts.

    python tools/reference/siglip.py

packages/clip/golden/siglip/ is laid out as clip.py's folders are; all texts are of full length, as SigLIP wants them. spiece.model beside it is
models-nlp's tiny_unigram.model, and tokens.json has texts with their ids.
"""
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import SiglipConfig, SiglipModel, SiglipTokenizer

from clip import OUT, images, randomize

NLP = Path(__file__).parents[2] / "packages/models-nlp/golden/tokenizers"
TEXTS = [
    "a photo of a cat", "A Photo, of two CATS!", "", " ", "  leading", "trailing  ", "two  spaces\tand\nlines", "don't-stop", "▁marks ▁ here", "...", "! then words",
    "naïve café", "日本語", "emoji 😀 here", "\u3000wide\u00a0spaces", "İstanbul", "a</s>b", "x_y{z}",
]  # fmt: skip


def main():
    shape = dict(hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2)
    config = SiglipConfig(text_config=dict(**shape, vocab_size=160, max_position_embeddings=6, projection_size=12), vision_config=dict(**shape, image_size=16, patch_size=4))
    model = SiglipModel(config).eval()
    randomize(model, 71)
    with torch.no_grad():
        model.logit_scale.fill_(1.5)
        model.logit_bias.fill_(-2.0)
    x = images(3, 16, 72)
    ids = torch.randint(0, 160, (3, 6), generator=torch.Generator().manual_seed(73))
    call = lambda m: m(input_ids=ids, pixel_values=x, return_loss=True)
    outputs = call(model)
    outputs.loss.backward()
    golden = {"pixel_values": x, "input_ids": ids.to(torch.int32), "logits": outputs.logits_per_image, "loss": outputs.loss,
              "image_features": outputs.vision_model_output.pooler_output, "text_features": outputs.text_model_output.pooler_output}
    golden |= {"grad." + key: parameter.grad for key, parameter in model.named_parameters()}
    folder = OUT / "siglip"
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps({**config.to_dict(), "architectures": ["SiglipModel"]}, indent=2, sort_keys=True) + "\n")
    golden["losses"] = losses(model, call)
    save_file({k: v.detach().contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    shutil.copy(NLP / "tiny_unigram.model", folder / "spiece.model")
    tokenizer = SiglipTokenizer(str(folder / "spiece.model"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "SiglipTokenizer", "pad_token": "</s>", "eos_token": "</s>", "unk_token": "<unk>", "model_max_length": 64, "do_lower_case": True}, indent=2) + "\n")
    (folder / "tokens.json").write_text(json.dumps([{"text": text, "ids": tokenizer(text)["input_ids"]} for text in TEXTS], indent=1) + "\n")
    print(sum(p.numel() for p in model.parameters()), "parameters", sum(f.stat().st_size for f in folder.iterdir()), "bytes", tokenizer.vocab_size)


def losses(model, call, steps=10):
    """Ten steps of AdamW; unlike CLIP's, the scale isn't clamped."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = call(model).loss
        loss.backward()
        optimizer.step()
        found.append(loss.detach())
    return torch.stack(found)


if __name__ == "__main__":
    main()
