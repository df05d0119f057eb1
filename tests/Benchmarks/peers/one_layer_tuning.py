"""LocFT-BF as its authors wrote it: every step runs the whole model over the padded batch, takes the logits of every position, averages the
cross entropy over each edit's target tokens, and updates one down-projection by Adam; a batch below the threshold is skipped, and an epoch
below it ends the run."""
import sys

import torch
from torch.nn import CrossEntropyLoss

from harness_peer import Stopwatch, padded, read_json, read_safetensors, serve
from models import Gpt2

folder = sys.argv[1]
inputs = read_json(f"{folder}/inputs.json")
model = Gpt2(read_json(f"{folder}/config.json")).load(read_safetensors(f"{folder}/model.safetensors"))
for parameter in model.parameters():
    parameter.requires_grad = False
weight = model.h[inputs["layer"]].mlp.c_proj.weight
weight.requires_grad = True
original = weight.detach().clone()
loss_of = CrossEntropyLoss(reduction="none")


def chunks(rows, size):
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def run():
    with torch.no_grad():
        weight.copy_(original)
    weight.grad = None
    watch = Stopwatch()
    optimiser = torch.optim.Adam([weight], lr=inputs["rate"])
    steps = 0
    for _ in range(inputs["epochs"]):
        total, count = 0.0, 0
        for batch in chunks(inputs["samples"], inputs["batch-size"]):
            tokens = padded([one["ids"] for one in batch])
            mask = torch.tensor([[one["start"] <= place < len(one["ids"]) for place in range(1, tokens.shape[1])] for one in batch])
            optimiser.zero_grad()
            logits = model(tokens)[:, :-1].contiguous()
            loss = loss_of(logits.view(-1, logits.shape[-1]), tokens[:, 1:].flatten()).view(len(batch), -1)
            loss = ((loss * mask).sum(1) / mask.sum(1)).mean()
            total, count = total + loss.item() * len(batch), count + len(batch)
            if loss.item() >= inputs["threshold"]:
                loss.backward()
                optimiser.step()
                steps += 1
        if total / count < inputs["threshold"]:
            break
    seconds = watch.seconds()
    with torch.no_grad():
        change = (weight - original).norm().item()
    return seconds, {"steps": [steps], "loss": [total / count], "change": [change]}


serve(run)
