"""What the peers share: the reader of safetensors files, and the loop that answers the benchmark program.

A peer is started with a folder that holds its inputs. It loads them, says "ready", and answers each line "run" with one JSON line: the
seconds that the work took, measured here, and the numbers by which the two sides are compared.
"""
import json
import mmap
import struct
import sys
import time

import torch

DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}


def read_safetensors(path):
    """All tensors of a file as float32, by name."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        dtype = DTYPES[entry["dtype"]]
        count = (end - begin) // torch.empty((), dtype=dtype).element_size()
        stored = torch.frombuffer(data, dtype=dtype, count=count, offset=8 + length + begin)
        tensors[name] = stored.reshape(entry["shape"]).to(torch.float32)
    return tensors


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def padded(rows):
    """Rows of ids as one tensor, padded on the right; what follows a row does not change it in a causal model."""
    longest = max(map(len, rows))
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])


def serve(work):
    """Answers the benchmark program. `work` does one run and gives (seconds, {name: numbers})."""
    torch.set_num_threads(1)
    print(json.dumps({"ready": True, "torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        if line.strip() == "run":
            seconds, results = work()
            print(json.dumps({"seconds": seconds, "results": results}), flush=True)


class Stopwatch:
    """Seconds from its making."""

    def __init__(self):
        self.start = time.perf_counter()

    def seconds(self):
        return time.perf_counter() - self.start
