"""Fine-tunes tiny models of random weights with `x fine-tune`, every task with and without LoRA, and reads what came of it with the library that it is for.

    python tools/reference/fine_tuned.py    # prints a table; fails if an output differs by more than 1e-5

Nothing is committed. With torch, transformers 5.24, peft 0.21.2, sentence-transformers 6.2.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import torch
import transformers
from PIL import Image

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "packages/train/golden"
TEXTS = ["the whale was good", "bad weather today", "a lazy dog", "they lived in Paris and works for Google"]
PICTURES = [ROOT / "packages/models-vision/golden/classify" / name for name in ("sky.jpg", "stripes.png")]


def x(*words, stdin=""):
    node = ROOT / "node_modules/.bin/node"
    command = [node if node.exists() else "node", "--conditions=@x/source", "--disable-warning=ExperimentalWarning", ROOT / "packages/cli/src/main.ts"]
    done = subprocess.run([*command, *map(str, words), "--json"], input=stdin, cwd=ROOT, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def lines(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def probabilities(rows, labels):
    return torch.tensor([[next(one["probability"] for one in row["labels"] if one["label"] == label) for label in labels] for row in rows])


def classify_text(folder, base):
    ours = x("classify-text", "--model", folder, *TEXTS)
    batch = transformers.AutoTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt")

    def read(model):
        return torch.softmax(model(**batch).logits, -1) - probabilities(ours, model.config.id2label.values())

    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    yield "AutoModelForSequenceClassification", read(model)
    if (folder / "adapter").exists():
        import peft

        labels = model.config.id2label
        before = transformers.AutoModelForSequenceClassification.from_pretrained(base, num_labels=len(labels), id2label=labels, ignore_mismatched_sizes=True)
        yield "PeftModel on the base", read(peft.PeftModel.from_pretrained(before, folder / "adapter").eval())


def tag(folder, base):
    ours = x("tag", "--model", folder, *TEXTS)
    theirs = transformers.pipeline("token-classification", str(folder), aggregation_strategy="simple")(TEXTS)
    assert [[one["entity_group"] for one in row] for row in theirs] == [[one["label"] for one in row["entities"]] for row in ours]
    pairs = [(a["score"], b["probability"]) for row, mine in zip(theirs, ours) for a, b in zip(row, mine["entities"])]
    yield "pipeline", torch.tensor([float(a) - b for a, b in pairs])


def embed(folder, base):
    from sentence_transformers import SentenceTransformer

    ours = torch.tensor([row["embedding"] for row in x("embed", "--model", folder, *TEXTS)])
    yield "SentenceTransformer", torch.tensor(SentenceTransformer(str(folder), device="cpu").encode(TEXTS)) - ours


def classify(folder, base):
    ours = x("classify", "--model", folder, *PICTURES)
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    batch = processor([Image.open(file).convert("RGB") for file in PICTURES], return_tensors="pt")
    model = transformers.AutoModelForImageClassification.from_pretrained(folder)
    yield "AutoModelForImageClassification", torch.softmax(model(**batch).logits, -1) - probabilities(ours, model.config.id2label.values())


def translate(folder, base):
    ours = [row["translation"] for row in x("translate", "--model", folder, *TEXTS)]
    tokenizer = transformers.MarianTokenizer.from_pretrained(folder)
    model = transformers.MarianMTModel.from_pretrained(folder)
    written = model.generate(**tokenizer(TEXTS, padding=True, return_tensors="pt"))
    theirs = tokenizer.batch_decode(written, skip_special_tokens=True)
    yield "MarianMTModel.generate", torch.tensor([float(a != b) for a, b in zip(theirs, ours)])


def rows(root):
    texts = lines(root / "texts.jsonl", [{"text": f"{text} {i}", "label": ["calm", "stormy"][i % 2]} for i, text in enumerate(TEXTS * 8)])
    tags = lines(root / "tags.jsonl", [{"tokens": text.split(), "tags": ["B-LOC" if len(w) > 3 else "O" for w in text.split()]} for text in TEXTS * 8])
    pairs = lines(root / "pairs.jsonl", [{"anchor": text, "positive": text[::-1]} for text in TEXTS * 8])
    phrases = lines(root / "phrases.jsonl", [{"source": text, "target": text} for text in TEXTS * 8])
    pictures = lines(root / "pictures.jsonl", [{"image": str(file), "label": file.stem} for file in PICTURES * 4])
    subprocess.run([ROOT / "node_modules/.bin/node", "--conditions=@x/source", ROOT / "packages/cli/test/models.ts", root / "models"], cwd=ROOT, check=True)
    yield "classify-text", classify_text, GOLDEN / "classify_single", texts
    yield "classify-text", classify_text, GOLDEN / "mask", texts
    yield "tag", tag, GOLDEN / "tag", tags
    yield "embed", embed, GOLDEN / "embed_ranked", pairs
    for kind in ["vit", "swin"]:
        yield "classify", classify, ROOT / "packages/models-vision/golden/classify" / kind, pictures
    yield "translate", translate, root / "models/translate", phrases


def main():
    torch.set_grad_enabled(False)
    transformers.utils.logging.disable_progress_bar()
    failed = 0
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        for i, (task, read, base, data) in enumerate(rows(root)):
            for lora in [(), ("--lora", "4")]:
                out = root / f"{i}{'-lora' if lora else ''}"
                x("fine-tune", "--task", task, "--model", base, "--data", data, "--out", out, "--epochs", 4, "--learning-rate", 0.003, *lora)
                for by, difference in read(out, base):
                    worst = difference.abs().max().item()
                    failed += worst > 1e-5
                    print(f"| {task} | {base.name} | {'LoRA' if lora else 'whole'} | {by} | {worst:.1e} |{' above 1e-5' if worst > 1e-5 else ''}", flush=True)
    print(f"{failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
