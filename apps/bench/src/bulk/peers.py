"""sentence-transformers beside others: peers.py MODEL THREADS FOLDER. Writes the model as ONNX into FOLDER, for transformers.js; then embeds a JSON list of texts for each line read."""

import base64
import json
import shutil
import sys
import time
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

source, threads, folder = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
torch.set_num_threads(threads)
model = SentenceTransformer(str(source), device="cpu")



class Encoder(torch.nn.Module):
    """With its inputs in this order, as the exporter gives them."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.inner(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state


names = ["input_ids", "attention_mask", "token_type_ids"]
example = model.tokenize(["two texts", "of which one is longer"])
axes = {name: {0: "batch", 1: "length"} for name in [*names, "last_hidden_state"]}
(folder / "onnx").mkdir(parents=True)
torch.onnx.export(
    Encoder(model[0].auto_model).eval(), tuple(example[name] for name in names), str(folder / "onnx/model.onnx"), dynamo=False,
    input_names=names, output_names=["last_hidden_state"], dynamic_axes=axes,
)  # fmt: skip
for name in ["config.json", "tokenizer.json", "tokenizer_config.json"]:
    shutil.copy(source / name, folder / name)
print("ready", flush=True)

for line in sys.stdin:
    begun = time.perf_counter()
    vectors = model.encode(json.loads(line), batch_size=32, normalize_embeddings=True)
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "vectors": base64.b64encode(vectors.tobytes()).decode()}), flush=True)
