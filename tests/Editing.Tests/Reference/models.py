"""Tiny models in plain PyTorch with the module names of Hugging Face's, a tokenizer of one token a character, and safetensors files."""
import json
import math
import struct
from pathlib import Path
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, INNER, LAYERS, HEADS, POSITIONS = 32, 64, 3, 4, 64
CHARACTERS = [chr(code) for code in range(32, 127)]
EOS, PAD = "<|endoftext|>", "[PAD]"
VOCABULARY = len(CHARACTERS) + 2


class Batch(dict):
    """What a tokenizer gives: by name, or a slice of the texts' ids."""

    def __getitem__(self, key):
        return self.get("ids")[key] if isinstance(key, slice) else super().__getitem__(key)

    def to(self, device):
        return self


class Tokenizer:
    eos_token, eos_token_id = EOS, len(CHARACTERS)
    pad_token, pad_token_id = PAD, len(CHARACTERS) + 1
    bos_token_id = unk_token_id = None
    padding_side = "right"

    def encode(self, text):
        pieces = text.split(EOS)
        ids = [CHARACTERS.index(c) for c in pieces[0]]
        for piece in pieces[1:]:
            ids += [self.eos_token_id] + [CHARACTERS.index(c) for c in piece]
        return ids

    def decode(self, ids):
        ids = torch.as_tensor(ids).reshape(-1).tolist()
        return "".join((CHARACTERS + [EOS, PAD])[i] for i in ids)

    def __call__(self, texts, return_tensors=None, padding=False):
        alone = isinstance(texts, str)
        ids = [self.encode(text) for text in ([texts] if alone else texts)]
        if return_tensors is None:
            return Batch(input_ids=ids[0] if alone else ids, ids=ids)
        longest = max(map(len, ids))
        fill = [longest - len(row) for row in ids]
        left = self.padding_side == "left"
        rows = [[self.pad_token_id] * n * left + row + [self.pad_token_id] * n * (not left) for row, n in zip(ids, fill)]
        mask = [[0] * n * left + [1] * len(row) + [0] * n * (not left) for row, n in zip(ids, fill)]
        return Batch(input_ids=torch.tensor(rows), attention_mask=torch.tensor(mask))

    def save(self, folder):
        """GPT-2's byte-level BPE without a merge: a token for each printable ASCII character."""
        level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
        added = [dict(id=i, content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
                 for t, i in ((EOS, self.eos_token_id), (PAD, self.pad_token_id))]
        vocab = {"\u0120" if c == " " else c: i for i, c in enumerate(CHARACTERS)}
        vocab.update({EOS: self.eos_token_id, PAD: self.pad_token_id})
        bpe = dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None,
                   fuse_unk=False, byte_fallback=False, ignore_merges=False, vocab=vocab, merges=[])
        write_json(folder / "tokenizer.json", dict(
            version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=None,
            pre_tokenizer=level, post_processor=level, decoder=level, model=bpe))


def attend(query, key, value, mask):
    """[B, T, D] each; causal, heads side by side; mask [B, T] is 0 at padding."""
    batch, length, width = query.shape
    query, key, value = (x.view(batch, length, HEADS, -1).transpose(1, 2) for x in (query, key, value))
    scores = query @ key.transpose(2, 3) / math.sqrt(width // HEADS)
    seen = torch.ones(length, length).tril().bool() & mask.bool()[:, None, None, :]
    scores = scores.masked_fill(~seen, -1e9)
    return (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, width)


class Conv1D(nn.Module):
    """y = x W + b with W [inputs, outputs], as GPT-2 stores it."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(inputs, outputs)), nn.Parameter(torch.empty(outputs))

    def forward(self, x):
        return x @ self.weight + self.bias


class Gpt2Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn, self.c_proj = Conv1D(WIDTH, 3 * WIDTH), Conv1D(WIDTH, WIDTH)

    def forward(self, x, mask):
        return self.c_proj(attend(*self.c_attn(x).split(WIDTH, 2), mask))


class Gpt2Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc, self.c_proj = Conv1D(WIDTH, INNER), Conv1D(INNER, WIDTH)

    def forward(self, x):
        x = self.c_fc(x)
        return self.c_proj(0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))))


class Gpt2Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attn, self.mlp = Gpt2Attention(), Gpt2Mlp()

    def forward(self, x, mask):
        x = x + self.attn(self.ln_1(x), mask)
        return (x + self.mlp(self.ln_2(x)),)


class Gpt2(nn.Module):
    config_json = dict(
        model_type="gpt2", activation_function="gelu_new", architectures=["GPT2LMHeadModel"], layer_norm_epsilon=1e-5, n_embd=WIDTH,
        n_head=HEADS, n_inner=INNER, n_layer=LAYERS, n_positions=POSITIONS, vocab_size=VOCABULARY, eos_token_id=Tokenizer.eos_token_id)

    def __init__(self):
        super().__init__()
        self.config = SimpleNamespace(n_embd=WIDTH, vocab_size=VOCABULARY, _name_or_path="tiny-gpt2")
        self.transformer = nn.Module()
        self.transformer.wte, self.transformer.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(POSITIONS, WIDTH)
        self.transformer.h, self.transformer.ln_f = nn.ModuleList(Gpt2Block() for _ in range(LAYERS)), nn.LayerNorm(WIDTH)

    device = torch.device("cpu")

    def forward(self, input_ids, attention_mask):
        body = self.transformer
        x = body.wte(input_ids) + body.wpe.weight[:input_ids.shape[1]]
        for block in body.h:
            x = block(x, attention_mask)[0]
        return SimpleNamespace(logits=body.ln_f(x) @ body.wte.weight.T)


class RmsNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(WIDTH))

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


class LlamaAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))

    def rotate(self, x):
        size = WIDTH // HEADS
        angles = torch.arange(x.shape[1])[:, None] * 10_000 ** (-torch.arange(0, size, 2) / size)
        cosine, sine = (torch.cat([f(angles)] * 2, 1).repeat(1, HEADS) for f in (torch.cos, torch.sin))
        first, second = x.view(*x.shape[:2], HEADS, 2, size // 2).unbind(3)
        return x * cosine + torch.stack([-second, first], 3).view_as(x) * sine

    def forward(self, x, mask):
        return self.o_proj(attend(self.rotate(self.q_proj(x)), self.rotate(self.k_proj(x)), self.v_proj(x), mask))


class LlamaMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(WIDTH, INNER, bias=False), nn.Linear(WIDTH, INNER, bias=False)
        self.down_proj = nn.Linear(INNER, WIDTH, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class LlamaBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(), RmsNorm()
        self.self_attn, self.mlp = LlamaAttention(), LlamaMlp()

    def forward(self, x, mask):
        x = x + self.self_attn(self.input_layernorm(x), mask)
        return (x + self.mlp(self.post_attention_layernorm(x)),)


class Llama(nn.Module):
    config_json = dict(
        model_type="llama", architectures=["LlamaForCausalLM"], hidden_act="silu", hidden_size=WIDTH, intermediate_size=INNER,
        max_position_embeddings=POSITIONS, num_attention_heads=HEADS, num_hidden_layers=LAYERS, num_key_value_heads=HEADS,
        rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=False, vocab_size=VOCABULARY, eos_token_id=Tokenizer.eos_token_id)

    def __init__(self):
        super().__init__()
        self.model = nn.Module()
        self.model.embed_tokens, self.model.norm = nn.Embedding(VOCABULARY, WIDTH), RmsNorm()
        self.model.layers = nn.ModuleList(LlamaBlock() for _ in range(LAYERS))
        self.lm_head = nn.Linear(WIDTH, VOCABULARY, bias=False)

    def forward(self, input_ids, attention_mask):
        x = self.model.embed_tokens(input_ids)
        for block in self.model.layers:
            x = block(x, attention_mask)[0]
        return SimpleNamespace(logits=self.lm_head(self.model.norm(x)))


def make(kind, seed):
    """A model with random weights: norms near 1, biases near 0, matrices large enough for attention and MLPs to matter."""
    random = torch.Generator().manual_seed(seed)
    model = kind()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=random)
            if weight.dim() == 2:
                weight.copy_(noise * (0.3 if "wte" in name or "embed" in name or "head" in name else 0.2))
            else:
                weight.copy_(noise * 0.1 + (0 if name.endswith("bias") else 1))
    return model.eval()


def save(model, folder):
    folder.mkdir(exist_ok=True)
    write_json(folder / "config.json", model.config_json)
    Tokenizer().save(folder)
    write_safetensors(folder / "model.safetensors", {name: weight.detach() for name, weight in model.named_parameters()})


def write_json(path, value):
    Path(path).write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")


def write_safetensors(path, tensors):
    kinds = {torch.float32: "F32", torch.float64: "F64"}
    header, data = {}, b""
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        raw = tensor.numpy().tobytes()
        header[name] = dict(dtype=kinds[tensor.dtype], shape=list(tensor.shape), data_offsets=[len(data), len(data) + len(raw)])
        data += raw
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)
