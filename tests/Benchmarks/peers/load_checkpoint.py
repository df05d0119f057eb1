"""A checkpoint's tensors as float32 parameters of a model, in plain Python."""
import sys

import torch

from harness_peer import Stopwatch, read_json, read_safetensors, serve

folder = sys.argv[1]


def run():
    watch = Stopwatch()
    parameters = {name: torch.nn.Parameter(tensor, requires_grad=False) for name, tensor in read_safetensors(f"{folder}/model.safetensors").items()}
    seconds = watch.seconds()
    values = [parameter.double() for parameter in parameters.values()]
    return seconds, {"sum": [sum(value.sum().item() for value in values)], "magnitude": [sum(value.abs().sum().item() for value in values)]}


serve(run)
