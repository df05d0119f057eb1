"""Steps of AdamW from scratch, as one writes them in PyTorch: logits of every position, cross entropy, backward, clip, step."""
import sys

import torch
from torch.nn import functional as F

from harness_peer import Stopwatch, padded, read_json, read_safetensors, serve
from models import Llama

folder = sys.argv[1]
inputs = read_json(f"{folder}/inputs.json")
weights = read_safetensors(f"{folder}/model.safetensors")
model = Llama(read_json(f"{folder}/config.json"))


def labels(batch):
    """The next token of every position, where it is a target and where it belongs to the prompt; -100 elsewhere."""
    tokens = padded([one["ids"] for one in batch])
    targets, prompts = torch.full_like(tokens, -100), torch.full_like(tokens, -100)
    for row, one in enumerate(batch):
        start, length = one["start"], len(one["ids"])
        targets[row, start - 1 : length - 1] = tokens[row, start:length]
        prompts[row, : start - 1] = tokens[row, 1:start]
    return tokens[:, :-1], targets[:, :-1], prompts[:, :-1]


def run():
    model.load(weights)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=inputs["rates"][0], betas=tuple(inputs["betas"]), eps=inputs["epsilon"],
        weight_decay=inputs["decay"], foreach=True)
    total, count = 0.0, 0
    watch = Stopwatch()
    for rate, batch in zip(inputs["rates"], inputs["batches"]):
        optimiser.param_groups[0]["lr"] = rate
        tokens, targets, prompts = labels(batch)
        logits = model(tokens).flatten(0, 1)
        loss = F.cross_entropy(logits, targets.flatten())
        with_prompt = loss + inputs["prompt-loss"] * F.cross_entropy(logits, prompts.flatten())
        optimiser.zero_grad(set_to_none=True)
        with_prompt.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), inputs["clip"])
        optimiser.step()
        tokens_of_targets = sum(len(one["ids"]) - one["start"] for one in batch)
        total, count = total + loss.item() * tokens_of_targets, count + tokens_of_targets
    seconds = watch.seconds()
    with torch.no_grad():
        squares = sum(parameter.pow(2).sum().item() for parameter in model.parameters())
    return seconds, {"loss": [total / count], "weights": [squares**0.5]}


serve(run)
