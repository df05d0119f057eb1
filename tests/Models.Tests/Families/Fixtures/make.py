"""Makes the fixtures beside this file: tiny random checkpoints, and what Hugging Face transformers computes from them.

Usage: OMP_NUM_THREADS=1 python3 make.py [output folder]
Needs torch and transformers; run with torch 1.13 and transformers 4.55 (development version, July 2025), one thread, AVX2.
The same versions on the same kind of processor give the same bytes; others give the same weights, and logits within rounding.

<name>/config.json            as the hub publishes such a model, or as transformers saves it
<name>/model*.safetensors     weights under the family's checkpoint names
<name>/expected.safetensors   input_ids, logits: [B, T] int64 and [B, T, V] float32
                              padded_ids, attention_mask, padded_logits: the same with padding on the left; 0 where the padding is
                              continuation: [B, 8] int64, greedy generation from padded_ids
"""

import json
import pathlib
import shutil
import struct
import sys

import torch
from transformers import AutoConfig, AutoModelForCausalLM

sys.dont_write_bytecode = True
from models import FIXTURES  # noqa: E402

POSITIONS = 16
PROMPTS = (5, 12, 9)
NEW_TOKENS = 8
CLEAR_MARGIN = 0.01  # between the best token and the next, at each step of the generation: no rounding turns it
DTYPES = {
    torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.uint8: "U8", torch.bool: "BOOL",
}


def randomise(model, dtype):
    """Large weights, so that every detail shows in the logits; rounded to what the checkpoint holds."""
    for name, parameter in model.named_parameters():
        mean = 1.0 if parameter.dim() == 1 and name.endswith("weight") else 0.0
        parameter.copy_((mean + 0.35 * torch.randn(parameter.shape)).to(dtype).float())


def checkpoint(model, fixture):
    """The parameters (a tied head once) under the fixture's names, and the tables that old checkpoints hold as well."""
    tensors = {name: value.to(fixture["dtype"]) for name, value in model.named_parameters()}
    tensors.update(fixture.get("tables", {}))
    tensors.update({name: tensors[source] for name, source in fixture.get("copies", {}).items()})
    prefix = fixture.get("drop_prefix", "")
    return {name.removeprefix(prefix): value for name, value in tensors.items()}


def write_safetensors(path, tensors):
    """Header length, header, bytes; names sorted within a file."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in sorted(tensors.items()):
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(raw(tensor) for _, tensor in sorted(tensors.items()))
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def raw(tensor):
    numbers = tensor.contiguous().reshape(-1)
    return bytes((numbers if numbers.dtype == torch.bool else numbers.view(torch.uint8)).tolist())


def write_weights(folder, tensors, shards):
    if shards == 1:
        write_safetensors(folder / "model.safetensors", tensors)
        return
    names, places = list(tensors), {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = names[shard * len(names) // shards:(shard + 1) * len(names) // shards]
        write_safetensors(folder / file, {name: tensors[name] for name in part})
        places.update({name: file for name in part})
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": dict(sorted(places.items()))})


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")


def expected(model):
    """The smallest lead of a generated token over the second best, and what expected.safetensors holds."""
    vocabulary = model.config.vocab_size
    ids = torch.randint(vocabulary, (2, POSITIONS))
    padded = torch.randint(1, vocabulary, (len(PROMPTS), max(PROMPTS)))
    mask = torch.tensor([[0] * (max(PROMPTS) - length) + [1] * length for length in PROMPTS])
    padded = padded * mask
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    where = {} if model.config.model_type == "bloom" else {"position_ids": positions}
    generated = model.generate(
        padded, attention_mask=mask, max_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=0, eos_token_id=None,
        return_dict_in_generate=True, output_scores=True)
    best = torch.stack(generated.scores).topk(2).values
    margin = (best[..., 0] - best[..., 1]).min().item()
    return margin, {
        "input_ids": ids,
        "logits": model(ids).logits,
        "padded_ids": padded,
        "attention_mask": mask,
        "padded_logits": model(padded, attention_mask=mask, **where).logits * mask[..., None],
        "continuation": generated.sequences[:, padded.shape[1]:].contiguous(),
    }


def make(folder, fixture):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_json(folder / "config.json", fixture["config"])
    config = AutoConfig.from_pretrained(folder)
    for name, value in fixture.get("understood_as", {}).items():
        setattr(config, name, value)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", torch_dtype=torch.float32).eval()
    seed, margin = -1, 0.0
    while margin < CLEAR_MARGIN:
        seed += 1
        torch.manual_seed(seed)
        randomise(model, fixture["dtype"])
        margin, results = expected(model)
    write_weights(folder, checkpoint(model, fixture), fixture.get("shards", 1))
    if fixture.get("saved"):
        config.architectures = [type(model).__name__]
        config.torch_dtype = str(fixture["dtype"]).removeprefix("torch.")
        write_json(folder / "config.json", json.loads(config.to_json_string()))
    write_safetensors(folder / "expected.safetensors", results)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder.name}: seed {seed}, {size / 1024:.0f} KiB, logits up to {results['logits'].abs().max():.1f}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    for name, fixture in FIXTURES.items():
        make(target / name, fixture)
