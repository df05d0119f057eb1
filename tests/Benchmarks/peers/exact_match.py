"""Exact match by decoding every answer with a cache of keys and values: greedily, at most 32 tokens, up to "." , a newline or the end token.
With a batch size above 1, prompts of a batch are padded on the left and a batch ends with its last answer."""
import math
import string
import sys

import torch

from harness_peer import Stopwatch, read_json, read_safetensors, serve
from models import Cache, Llama

folder = sys.argv[1]
inputs = read_json(f"{folder}/inputs.json")
size = inputs["batch-size"]
model = Llama(read_json(f"{folder}/config.json")).load(read_safetensors(f"{folder}/model.safetensors"))
pieces, stops, end = inputs["pieces"], set(inputs["stops"]), inputs["end"]


def normalise(text):
    words = "".join(letter for letter in text.lower() if letter not in string.punctuation).split()
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def text_of(ids):
    text = "".join(pieces[one] for one in ids)
    return text.split(".")[0].split("\n")[0]


@torch.no_grad()
def decode(prompts):
    longest = max(map(len, prompts))
    padding = torch.tensor([longest - len(prompt) for prompt in prompts])
    tokens = torch.tensor([[end] * (longest - len(prompt)) + prompt for prompt in prompts])
    places = torch.arange(longest)
    cache, answers, open_rows = Cache(), [[] for _ in prompts], set(range(len(prompts)))
    hidden = (places[None] < padding[:, None])[:, None, None, :]
    mask = torch.zeros(len(prompts), 1, longest, longest).masked_fill(hidden, -math.inf) + torch.full((longest, longest), -math.inf).triu(1)
    mask.diagonal(dim1=2, dim2=3).fill_(0)
    positions = (places[None] - padding[:, None]).clamp(min=0)
    for length in range(longest, longest + 32):
        following = model.step(tokens, positions, mask, cache).argmax(-1)
        for row, one in enumerate(following.tolist()):
            if row in open_rows:
                answers[row].append(one)
                if one in stops:
                    open_rows.discard(row)
        if not open_rows:
            break
        tokens, positions = following[:, None], length - padding[:, None]
        hidden = torch.nn.functional.pad(hidden, (0, 1), value=False)
        mask = torch.zeros(len(prompts), 1, 1, length + 1).masked_fill(hidden, -math.inf)
    return answers


def run():
    watch = Stopwatch()
    hits = []
    for start in range(0, len(inputs["questions"]), size):
        batch = inputs["questions"][start : start + size]
        for question, ids in zip(batch, decode([question["ids"] for question in batch])):
            hits.append(int(normalise(text_of(ids)) == normalise(question["answer"])))
    seconds = watch.seconds()
    return seconds, {"hits": hits}


serve(run)
