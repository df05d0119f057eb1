"""ROME's search for v*, as its authors wrote it: one edit at a time; every step runs the whole model over the edit's prompts in all contexts
and the KL prompt, with a hook that adds δ to the MLP's output, and takes the logits of every position."""
import sys

import torch

from harness_peer import Stopwatch, padded, read_json, read_safetensors, serve
from models import Llama

folder = sys.argv[1]
inputs = read_json(f"{folder}/inputs.json")
model = Llama(read_json(f"{folder}/config.json")).load(read_safetensors(f"{folder}/model.safetensors"))
for parameter in model.parameters():
    parameter.requires_grad = False


def search(edit):
    rows, lookups = edit["rows"], [row["subject"] for row in edit["rows"]]
    tokens = padded([row["ids"] for row in rows])
    targets = torch.full((len(rows) - 1, tokens.shape[1]), -100)
    for place, row in enumerate(rows[:-1]):
        targets[place, row["start"] - 1 : row["start"] - 1 + len(row["targets"])] = torch.tensor(row["targets"])
    delta = torch.zeros(model.embed_tokens.weight.shape[1], requires_grad=True)
    first_value, first_prediction = None, None

    def add_delta(module, arguments, output):
        nonlocal first_value
        if first_value is None:
            first_value = output[0, lookups[0]].detach().clone()
        output = output.clone()
        for row, place in enumerate(lookups):
            output[row, place] = output[row, place] + delta
        return output

    optimiser = torch.optim.Adam([delta], lr=inputs["rate"])
    hook = model.layers[inputs["layer"]].mlp.register_forward_hook(add_delta)
    for step in range(inputs["steps"]):
        optimiser.zero_grad()
        logits = model(tokens)
        prediction = torch.log_softmax(logits[-1, lookups[-1]], dim=0)
        if first_prediction is None:
            first_prediction = prediction.detach().clone()
        log_probabilities = torch.log_softmax(logits, dim=2)[: len(rows) - 1]
        mask = targets != -100
        likelihood = log_probabilities.gather(2, targets.clamp(min=0).unsqueeze(2)).squeeze(2)
        loss = (-(likelihood * mask).sum(1) / mask.sum(1)).mean()
        loss = loss + inputs["kl-factor"] * torch.nn.functional.kl_div(
            first_prediction.unsqueeze(0), prediction.unsqueeze(0), log_target=True, reduction="batchmean")
        loss = loss + inputs["decay"] * torch.norm(delta) / torch.norm(first_value) ** 2
        if loss.item() < inputs["threshold"] or step == inputs["steps"] - 1:
            break
        loss.backward()
        optimiser.step()
        most = inputs["clamp"] * first_value.norm()
        if delta.norm() > most:
            with torch.no_grad():
                delta[...] = delta * most / delta.norm()
    hook.remove()
    return delta.norm().item(), loss.item(), step + 1


def run():
    watch = Stopwatch()
    found = [search(edit) for edit in inputs["edits"]]
    seconds = watch.seconds()
    norms, losses, steps = zip(*found)
    return seconds, {"norms": norms, "losses": losses, "steps": steps}


serve(run)
