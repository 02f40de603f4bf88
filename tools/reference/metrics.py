"""Writes what scikit-learn, seqeval, scipy and SQuAD's script say of random guesses, for @x/train's metrics.

    pip install scikit-learn==1.9.1 scipy==1.17.1 seqeval==1.2.2
    python tools/reference/metrics.py
"""
import collections
import json
import re
import string
from pathlib import Path

import numpy as np
from scipy.stats import pearsonr, spearmanr
from seqeval.metrics import classification_report
from sklearn import metrics

OUT = Path(__file__).parents[2] / "packages/train/golden/metrics.json"
random = np.random.default_rng(1)


def classification(classes, count, unused=0):
    labels = random.integers(0, classes - unused, count)
    logits = random.normal(size=(count, classes)).round(1)
    logits[np.arange(count), labels] += 0.8
    if unused:
        logits[:, -unused:] = -9
    guesses = logits.argmax(1)
    names = list(range(classes))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(labels, guesses, labels=names, zero_division=0)
    return {"classes": classes, "labels": labels.tolist(), "logits": logits.tolist(), "guesses": guesses.tolist(),
            "confusion": metrics.confusion_matrix(labels, guesses, labels=names).tolist(), "accuracy": metrics.accuracy_score(labels, guesses),
            "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(), "support": support.tolist(),
            "macroF1": metrics.f1_score(labels, guesses, average="macro", zero_division=0)}


def top_k(classes, count):
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, count - classes)])
    logits = random.normal(size=(count, classes))
    return {"labels": labels.tolist(), "logits": logits.tolist(),
            "topK": {k: metrics.top_k_accuracy_score(labels, logits, k=k, labels=range(classes)) for k in [1, 2, 3, 5]}}


def retrieval(count):
    """Of each query one candidate is right: recall is what top-k accuracy is, and the mean reciprocal rank what the ranking's precision is."""
    similarities = random.normal(size=(count, count)) + np.eye(count)
    own, names = np.arange(count), range(count)
    return {"similarities": similarities.round(3).tolist(), "recall": {k: metrics.top_k_accuracy_score(own, similarities.round(3), k=k, labels=names) for k in [1, 5, 10]},
            "meanReciprocalRank": metrics.label_ranking_average_precision_score(np.eye(count), similarities.round(3))}


def multi_label(classes, count):
    labels, guesses = (random.random((2, count, classes)) < 0.3).astype(int)
    guesses = np.where(random.random((count, classes)) < 0.6, labels, guesses)
    return {"classes": classes, "labels": labels.tolist(), "guesses": guesses.tolist(), "accuracy": metrics.accuracy_score(labels, guesses),
            "microF1": metrics.f1_score(labels, guesses, average="micro", zero_division=0),
            "macroF1": metrics.f1_score(labels, guesses, average="macro", zero_division=0)}


def correlation(values, count=40, noise=0.5, offset=0.0):
    a = random.integers(0, values, count) if values else random.normal(size=count).round(2)
    b = a + (random.normal(size=count) * (values or 1) * noise).round(2)
    a = a + offset
    plain = lambda number: None if np.isnan(number) else float(number)  # of what doesn't change
    return {"a": a.tolist(), "b": b.tolist(), "pearson": plain(pearsonr(a, b)[0]), "spearman": plain(spearmanr(a, b)[0])}


def scheme(parts):
    return ["O", "O", "O"] + [f"{part}-{kind}" for part in parts for kind in ["PER", "LOC", "X-Y"]]


def entities(tags, count, texts):
    right = [[str(t) for t in random.choice(tags, random.integers(1, count))] for _ in range(texts)]
    found = [[t if random.random() < 0.8 else str(random.choice(tags)) for t in text] for text in right]
    report = classification_report(right, found, output_dict=True, zero_division=0)
    of = lambda row: {"precision": float(row["precision"]), "recall": float(row["recall"]), "f1": float(row["f1-score"]), "support": int(row["support"])}
    kinds = {kind: of(row) for kind, row in report.items() if " avg" not in kind}
    return {"right": right, "found": found, "micro": of(report["micro avg"]), "kinds": kinds}


def normalize(s):
    """From SQuAD's evaluate-v1.1.py, as the three functions after it."""
    s = "".join(ch for ch in s.lower() if ch not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def f1_score(prediction, truth):
    prediction, truth = normalize(prediction).split(), normalize(truth).split()
    same = sum((collections.Counter(prediction) & collections.Counter(truth)).values())
    if len(prediction) == 0 or len(truth) == 0:
        return int(prediction == truth)
    if same == 0:
        return 0
    precision, recall = same / len(prediction), same / len(truth)
    return 2 * precision * recall / (precision + recall)


# Tags that no scheme has, but some data does.
ODD = [["O", "B", "I", "E", "S", ".", "B-LOC", "I-PER"], ["LOC", "PER", "O", "ORG"], ["O", "B_PER", "I_PER", "BPER", "IPER"],
       ["O", "B-", "I-", "B-O", "I-O", "B-PER", "-PER", "--", "I-A-B", "B-A-B", "0"]]  # fmt: skip
WORDS = ["the", "The", "an", "AN", "año", "a-b", "naïve", "thé", "à", "dog", "cat.", "1,000", "x_a", "_the", "a1", "ß", "İ", "ΑΣ", "“the”", "the's", "an。",
         "\u00a0", "\u2003the", "a\tthe", "!", "a\u0301", "\u200b", "\x1c", "\x85", "\ufeff"]  # fmt: skip


def answer():
    draw = lambda most: " ".join(str(word) for word in random.choice(WORDS, random.integers(0, most)))
    right = [draw(5) for _ in range(random.integers(1, 4))]
    found = draw(5) if random.random() < 0.4 else f"{right[0]} {draw(3)}"
    return {"found": [found], "right": [right], "exactMatch": 100.0 * max(normalize(found) == normalize(r) for r in right), "f1": 100 * max(f1_score(found, r) for r in right)}


def answers():
    found = ["the Eiffel Tower", "in 1889, Paris", "", "", "a dog and a dog", "café — the best", "Anna", "10 km/h", "the"]
    right = [["Eiffel Tower!", "tower"], ["1889"], [], ["something"], ["dog dog cat", "the dog"], ["Café the best"], ["Hannah"], ["10 km h", "10"], [""]]
    wanted = [r or [""] for r in right]
    share = lambda score: 100 * sum(max(score(f, t) for t in r) for f, r in zip(found, wanted)) / len(found)
    return {"found": found, "right": right, "exactMatch": share(lambda f, t: normalize(f) == normalize(t)), "f1": share(f1_score)}


OUT.write_text(json.dumps({
    "classification": [classification(2, 30), classification(5, 60), classification(4, 20, unused=1), classification(3, 1),
                       *(classification(int(random.integers(2, 7)), int(random.integers(1, 12))) for _ in range(10))],
    "topK": [top_k(6, 30), top_k(4, 7)],
    "retrieval": [retrieval(20), retrieval(12)],
    "multiLabel": [multi_label(4, 25), multi_label(3, 2), *(multi_label(2, int(random.integers(1, 6))) for _ in range(6))],
    "correlation": [correlation(0), correlation(3), correlation(10), correlation(2, 9), correlation(1, 6, offset=0.1), correlation(0, 12, noise=0), correlation(0, 12, offset=1e6),
                    correlation(4, 5, noise=0)],
    "entities": [entities(scheme("BI"), 12, 12), entities(scheme("BIES"), 15, 10), entities(scheme("I"), 6, 5), entities(scheme("BILU"), 9, 4),
                 *(entities(tags, 9, 4) for tags in ODD for _ in range(2))],
    "answers": [answers(), *(answer() for _ in range(60))],
}, indent=None) + "\n")
