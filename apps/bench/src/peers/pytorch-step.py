"""A training step for each line read: pytorch-step.py THREADS vit|bert BATCH [TOKENS]. Forward, backward, AdamW; random weights."""

import sys

import torch
from transformers import BertConfig, BertForSequenceClassification, ViTConfig, ViTForImageClassification

threads, kind, batch = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
labels = torch.zeros(batch, dtype=torch.long)
if kind == "vit":
    model = ViTForImageClassification(ViTConfig(num_labels=1000))
    inputs = {"pixel_values": torch.randn(batch, 3, 224, 224)}
else:
    model = BertForSequenceClassification(BertConfig(num_labels=2))
    inputs = {"input_ids": torch.randint(0, 30522, (batch, int(sys.argv[4])))}
model.train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
print("ready", flush=True)
for _ in sys.stdin:
    loss = torch.nn.functional.cross_entropy(model(**inputs).logits, labels)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print("done", flush=True)
