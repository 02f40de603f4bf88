"""Writes tiny models and what PyTorch makes of them in ten steps of training, for @x/train's objectives, and values and gradients of its losses.

    python tools/reference/train.py                    # torch, transformers, sentence-transformers
    python tools/reference/train.py distilled_images   # these alone

packages/train/golden/<objective>/ has a model, as it is before, and `golden.json`: the examples and ten losses, of steps with AdamW (matrices decay by 0.1), gradients cut
to a norm of 1, and the whole of the examples in each. Models are float32, training is in float64. packages/train/golden/losses.safetensors has the losses.
"""
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForNextSentencePrediction,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    BertTokenizerFast,
    DeiTConfig,
    DeiTForImageClassificationWithTeacher,
    ViTConfig,
    ViTForImageClassification,
)

GOLDEN = Path(__file__).parents[2] / "packages/train/golden"
VOCABULARY = Path(__file__).parents[2] / "packages/models-nlp/golden/tasks/vocab.txt"
tokenizer = BertTokenizerFast(str(VOCABULARY), model_max_length=64)
TEXTS = ["Call me Ishmael.", "John Smith lives in New York and works for Google, unbelievably!", "The quick brown fox jumped over Mary's lazy dog.",
         "whales!", "the captain of the ship said that he was good", "it was bad weather today, and they lived in Paris"]


def config(**more):
    return BertConfig(vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, max_position_embeddings=64,
                      initializer_range=0.2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, **more)  # fmt: skip


def ten_steps(model, loss_of):
    """Leaves the model changed."""
    model = model.double().train()
    matrices = [p for p in model.parameters() if sum(n > 1 for n in p.shape) > 1]
    others = [p for p in model.parameters() if sum(n > 1 for n in p.shape) <= 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=3e-3)
    losses = []
    for _ in range(10):
        loss = loss_of(model)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def write(name, model, examples, loss_of, vocabulary=True, **more):
    folder = GOLDEN / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    for file in ["generation_config.json", "README.md"]:
        (folder / file).unlink(missing_ok=True)
    if vocabulary:
        shutil.copy(VOCABULARY, folder / "vocab.txt")
    losses = ten_steps(model, loss_of)
    (folder / "golden.json").write_text(json.dumps({"examples": examples, "losses": losses, **more}) + "\n")
    print(name, losses[0], losses[-1])


def encode(*texts, **more):
    return tokenizer(*texts, padding=True, return_tensors="pt", **more)


def classification():
    names = {"id2label": {0: "bad", 1: "good", 2: "neither"}, "label2id": {"bad": 0, "good": 1, "neither": 2}}
    for name, labels, targets, problem in [
        ("single", ["good", "bad", "neither", "neither", "good", "bad"], torch.tensor([1, 0, 2, 2, 1, 0]), "single_label_classification"),
        ("multi", [["good", "bad"], [], ["neither"], ["good"], ["bad"], ["bad", "neither"]],
         torch.tensor([[1, 1, 0], [0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 0, 1.0]]).double(), "multi_label_classification"),
        ("regression", [[0.5, -1, 2], [1, 1, 1], [0, 0.25, 0], [-2, 0, 1], [0.75, 0.5, 0], [1, 2, 3]],
         torch.tensor([[0.5, -1, 2], [1, 1, 1], [0, 0.25, 0], [-2, 0, 1], [0.75, 0.5, 0], [1, 2, 3]]).double(), "regression"),
    ]:  # fmt: skip
        torch.manual_seed(1)
        model = BertForSequenceClassification(config(problem_type=problem, **names))
        examples = [{"text": text, "label": label} for text, label in zip(TEXTS, labels)]
        write(f"classify_{name}", model, examples, lambda m, t=targets: m(**encode(TEXTS), labels=t).loss)


def tokens():
    torch.manual_seed(2)
    tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    model = BertForTokenClassification(config(id2label=dict(enumerate(tags)), label2id={t: i for i, t in enumerate(tags)}))
    words = [["Call", "me", "Ishmael", "."], ["John", "Smith", "lives", "in", "New", "York"], ["unbelievably", "lazy"]]
    right = [["O", "O", "B-PER", "O"], ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC"], ["O", "O"]]
    batch = encode(words, is_split_into_words=True)
    labels = torch.full(batch["input_ids"].shape, -100)
    for row, one in enumerate(right):
        seen = None
        for place, word in enumerate(batch.word_ids(row)):
            if word is not None and word != seen:
                labels[row, place] = tags.index(one[word])
            seen = word
    write("tag", model, [{"words": w, "tags": t} for w, t in zip(words, right)], lambda m: m(**batch, labels=labels).loss)


def answers():
    torch.manual_seed(3)
    model = BertForQuestionAnswering(config())
    asked = [("Who lives in New York?", "John Smith lives in New York and works for Google.", "John Smith"),
             ("What did the fox do?", "The quick brown fox jumped over the lazy dog; the dog was slow.", "jumped over the lazy dog"),
             ("Where is he?", "In Paris.", None)]  # fmt: skip
    batch = encode([q for q, _, _ in asked], [c for _, c, _ in asked])
    starts, ends, examples = [], [], []
    for row, (question, context, answer) in enumerate(asked):
        begin = context.index(answer) if answer else None
        starts.append(batch.char_to_token(row, begin, 1) if answer else 0)
        ends.append(batch.char_to_token(row, begin + len(answer) - 1, 1) if answer else 0)
        examples.append({"question": question, "context": context} | ({"answer": {"text": answer, "start": begin}} if answer else {}))
    write("answer", model, examples, lambda m: m(**batch, start_positions=torch.tensor(starts), end_positions=torch.tensor(ends)).loss)


def masked():
    torch.manual_seed(4)
    model = BertForMaskedLM(config())
    batch = encode(TEXTS)
    ids, labels = batch["input_ids"].clone(), torch.full(batch["input_ids"].shape, -100)
    places = [[(i * (row + 2)) % (int(mask.sum()) - 2) + 1 for i in range(row % 3 + 1)] for row, mask in enumerate(batch["attention_mask"])]
    for row, chosen in enumerate(places):
        for place in chosen:
            labels[row, place] = batch["input_ids"][row, place]
            ids[row, place] = tokenizer.mask_token_id
    write("mask", model, [{"text": text} for text in TEXTS], lambda m: m(**{**batch, "input_ids": ids}, labels=labels).loss, places=places)


def embeddings():
    from sentence_transformers import SentenceTransformer, losses, models

    for name, kind, keys, more in [
        ("ranked", losses.MultipleNegativesRankingLoss, ["anchor", "positive"], {}),
        ("scored", losses.CosineSimilarityLoss, ["first", "second"], {"scores": [1.0, 0.25, -0.5]}),
        ("triplet", losses.TripletLoss, ["anchor", "positive", "negative"], {}),
    ]:
        torch.manual_seed(5)
        folder = GOLDEN / f"embed_{name}"
        shutil.rmtree(folder, ignore_errors=True)
        inner = BertModel(config(), add_pooling_layer=False)
        inner.save_pretrained("/tmp/embed_inner")
        tokenizer.save_pretrained("/tmp/embed_inner")
        transformer = models.Transformer("/tmp/embed_inner", max_seq_length=64)
        model = SentenceTransformer(modules=[transformer, models.Pooling(16, pooling_mode="mean")], device="cpu")
        model.save(str(folder), create_model_card=False)
        shutil.copy(VOCABULARY, folder / "vocab.txt")
        columns = [TEXTS[i * 2 : i * 2 + 2] + [TEXTS[-1 - i]] for i in range(len(keys))]
        features = [encode(column) for column in columns]
        loss = kind(model)
        labels = torch.tensor(more.get("scores", [0.0] * 3)).double()
        found = ten_steps(model, lambda _: loss([dict(f) for f in features], labels))
        examples = [dict(zip(keys, row)) | ({"score": more["scores"][i]} if more else {}) for i, row in enumerate(zip(*columns))]
        (folder / "golden.json").write_text(json.dumps({"examples": examples, "losses": found}) + "\n")
        print(name, found[0], found[-1])


def images():
    torch.manual_seed(6)
    names = {"id2label": {0: "cat", 1: "dog", 2: "bird"}, "label2id": {"cat": 0, "dog": 1, "bird": 2}}
    model = ViTForImageClassification(ViTConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, image_size=16, patch_size=8,
                                                hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.2, **names))  # fmt: skip
    pixels = torch.randint(0, 256, (5, 16, 16, 3))
    labels = torch.tensor([0, 1, 2, 1, 0])
    given = (pixels.permute(0, 3, 1, 2).double() / 255 - 0.5) / 0.5
    examples = [{"image": {"width": 16, "height": 16, "data": p.flatten().tolist()}, "label": int(y)} for p, y in zip(pixels, labels)]
    write("classify_images", model, examples, lambda m: m(given, labels=labels).loss, vocabulary=False)


def distilled_images():
    """DeiT's own loss (facebookresearch/deit, losses.py) with the model of `images` as teacher."""
    teacher = ViTForImageClassification.from_pretrained(GOLDEN / "classify_images").double().eval()
    names = {"id2label": {0: "cat", 1: "dog", 2: "bird"}, "label2id": {"cat": 0, "dog": 1, "bird": 2}}
    pixels = torch.randint(0, 256, (5, 16, 16, 3), generator=torch.Generator().manual_seed(8))
    labels = torch.tensor([0, 1, 2, 1, 0])
    given = (pixels.permute(0, 3, 1, 2).double() / 255 - 0.5) / 0.5
    taught = teacher(given).logits.detach()
    examples = [{"image": {"width": 16, "height": 16, "data": p.flatten().tolist()}, "label": int(y)} for p, y in zip(pixels, labels)]
    hard = lambda kd: F.cross_entropy(kd, taught.argmax(1))
    soft = lambda kd: F.kl_div(F.log_softmax(kd / 3, 1), F.log_softmax(taught / 3, 1), reduction="sum", log_target=True) * 9 / len(kd)
    for kind, theirs in [("hard", hard), ("soft", soft)]:
        torch.manual_seed(9)
        model = DeiTForImageClassificationWithTeacher(DeiTConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, image_size=16, patch_size=8,
                                                                 hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.2, **names))  # fmt: skip

        def loss_of(m):
            out = m(given)
            return 0.5 * F.cross_entropy(out.cls_logits, labels) + 0.5 * theirs(out.distillation_logits)

        write(f"distill_images_{kind}", model, examples, loss_of, vocabulary=False)


def next_sentence():
    torch.manual_seed(10)
    model = BertForNextSentencePrediction(config())
    pairs = [(TEXTS[0], TEXTS[3], 0), (TEXTS[1], TEXTS[2], 1), (TEXTS[4], TEXTS[5], 0), (TEXTS[2], TEXTS[0], 1)]
    batch = encode([a for a, _, _ in pairs], [b for _, b, _ in pairs])
    labels = torch.tensor([label for _, _, label in pairs])
    write("next_sentence", model, [{"text": a, "pair": b, "label": y} for a, b, y in pairs], lambda m: m(**batch, labels=labels).loss)


def distilled_texts():
    """Hinton et al. 2015: half the labels' cross-entropy, half T² times the divergence from the teacher's softened classes, T being 3. The teacher is `classify_single`."""
    teacher = BertForSequenceClassification.from_pretrained(GOLDEN / "classify_single").double().eval()
    torch.manual_seed(11)
    names = {"id2label": {0: "bad", 1: "good", 2: "neither"}, "label2id": {"bad": 0, "good": 1, "neither": 2}}
    student = BertForSequenceClassification(config(**names))
    batch, labels = encode(TEXTS), torch.tensor([1, 0, 2, 2, 1, 0])
    taught = F.softmax(teacher(**batch).logits.detach() / 3, -1)

    def loss_of(m):
        out = m(**batch, labels=labels)
        return 0.5 * out.loss + 0.5 * 9 * F.kl_div(F.log_softmax(out.logits / 3, -1), taught, reduction="batchmean")

    examples = [{"text": text, "label": label} for text, label in zip(TEXTS, ["good", "bad", "neither", "neither", "good", "bad"])]
    write("distill_texts", student, examples, loss_of)


def functions():
    """Values and gradients of the losses that are functions of tensors."""
    seed = torch.Generator().manual_seed(7)
    numbers = lambda *shape: torch.randn(shape, generator=seed).float().double()
    golden = {}

    def put(name, inputs, loss_of):
        leaves = {k: v.clone().requires_grad_() for k, v in inputs.items()}
        loss = loss_of(**leaves)
        loss.backward()
        golden.update({f"{name}.{k}": v.detach() for k, v in leaves.items()} | {f"{name}.d_{k}": v.grad for k, v in leaves.items() if v.grad is not None})
        golden[f"{name}.loss"] = loss.detach().reshape(1)

    targets = F.softmax(numbers(4, 5), -1)
    put("softCrossEntropy", {"logits": numbers(4, 5), "targets": targets}, lambda logits, targets: F.cross_entropy(logits, targets.detach()))
    teacher = numbers(4, 5)
    put("distillation", {"student": numbers(4, 5)}, lambda student: 9 * F.kl_div(F.log_softmax(student / 3, -1), F.softmax(teacher / 3, -1), reduction="batchmean"))
    golden["distillation.teacher"] = teacher
    cosine = lambda a, b: F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T
    put("ranking", {"anchors": numbers(3, 6), "candidates": numbers(7, 6)}, lambda anchors, candidates: F.cross_entropy(20 * cosine(anchors, candidates), torch.arange(3)))
    put("contrastive", {"logits": 3 * numbers(4, 4)}, lambda logits: (F.cross_entropy(logits, torch.arange(4)) + F.cross_entropy(logits.T, torch.arange(4))) / 2)
    scores = numbers(5)
    put("cosine", {"first": numbers(5, 6), "second": numbers(5, 6)}, lambda first, second: F.mse_loss(F.cosine_similarity(first, second), scores))
    golden["cosine.scores"] = scores
    put("triplet", {"anchors": numbers(5, 6), "positives": 3 * numbers(5, 6), "negatives": numbers(5, 6)},
        lambda anchors, positives, negatives: F.relu(F.pairwise_distance(anchors, positives) - F.pairwise_distance(anchors, negatives) + 1).mean())  # fmt: skip
    save_file({k: v.float().contiguous() for k, v in golden.items()}, GOLDEN / "losses.safetensors")


if __name__ == "__main__":
    parts = [functions, classification, tokens, answers, masked, images, distilled_images, distilled_texts, next_sentence, embeddings]
    for part in parts:
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part()
    for file in GOLDEN.glob("embed_*/tokenizer.json"):
        file.unlink()  # vocab.txt says the same
