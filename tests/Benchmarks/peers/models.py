"""The two model families of the benchmarks, written the ordinary way in PyTorch. Weights have the names of Hugging Face's checkpoints."""
import math

import torch
from torch import nn
from torch.nn import functional as F


def causal_mask(length):
    return torch.full((length, length), -math.inf).triu(1)


def attend(query, key, value, mask):
    """[B, H, T, d] each; the mask is added to the scores."""
    scores = query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])
    return F.softmax(scores + mask, dim=-1) @ value


class RmsNorm(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, hidden):
        return hidden * torch.rsqrt(hidden.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotate_half(x):
    first, second = x.chunk(2, dim=-1)
    return torch.cat((-second, first), dim=-1)


class LlamaAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, self.heads = config["hidden_size"], config["num_attention_heads"]
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, hidden, cosine, sine, mask, cache=None):
        batch, length, width = hidden.shape
        query, key, value = (
            projection(hidden).view(batch, length, self.heads, -1).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        query = query * cosine + rotate_half(query) * sine
        key = key * cosine + rotate_half(key) * sine
        if cache is not None:
            key, value = cache.append(self, key, value)
        mixed = attend(query, key, value, mask)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))


class LlamaMlp(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(width, inner, bias=False)
        self.up_proj = nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, hidden):
        return self.down_proj(F.silu(self.gate_proj(hidden)) * self.up_proj(hidden))


class LlamaLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self_attn = LlamaAttention(config)
        self.mlp = LlamaMlp(config)
        self.input_layernorm = RmsNorm(config["hidden_size"], config["rms_norm_eps"])
        self.post_attention_layernorm = RmsNorm(config["hidden_size"], config["rms_norm_eps"])

    def forward(self, hidden, cosine, sine, mask, cache=None):
        hidden = hidden + self.self_attn(self.input_layernorm(hidden), cosine, sine, mask, cache)
        return hidden + self.mlp(self.post_attention_layernorm(hidden))


class Cache:
    """Keys and values of the positions so far, by layer."""

    def __init__(self):
        self.kept = {}
        self.length = 0

    def append(self, layer, key, value):
        if layer in self.kept:
            key, value = (torch.cat(pair, dim=2) for pair in zip(self.kept[layer], (key, value)))
        self.kept[layer] = key, value
        return key, value


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.layers = nn.ModuleList(LlamaLayer(config) for _ in range(config["num_hidden_layers"]))
        self.norm = RmsNorm(config["hidden_size"], config["rms_norm_eps"])
        self.head = nn.Linear(config["hidden_size"], config["vocab_size"], bias=False)
        if config["tie_word_embeddings"]:
            self.head.weight = self.embed_tokens.weight
        width, positions = config["hidden_size"] // config["num_attention_heads"], config["max_position_embeddings"]
        frequencies = config["rope_theta"] ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
        angles = torch.outer(torch.arange(positions, dtype=torch.float64), frequencies).repeat(1, 2)
        self.register_buffer("cosine", angles.cos().float(), persistent=False)
        self.register_buffer("sine", angles.sin().float(), persistent=False)
        self.register_buffer("mask", causal_mask(positions), persistent=False)

    def load(self, tensors):
        self.load_state_dict(
            {("head.weight" if name == "lm_head.weight" else name.replace("model.", "", 1)): tensor for name, tensor in tensors.items()},
            strict=False,
        )
        return self

    def hidden(self, tokens):
        length = tokens.shape[1]
        hidden = self.embed_tokens(tokens)
        for layer in self.layers:
            hidden = layer(hidden, self.cosine[:length], self.sine[:length], self.mask[:length, :length])
        return self.norm(hidden)

    def forward(self, tokens):
        return self.head(self.hidden(tokens))

    def step(self, tokens, positions, mask, cache):
        """New positions behind those of the cache; positions are [B, T], the mask is [B, 1, T, C]."""
        hidden = self.embed_tokens(tokens)
        cosine, sine = self.cosine[positions].unsqueeze(1), self.sine[positions].unsqueeze(1)
        for layer in self.layers:
            hidden = layer(hidden, cosine, sine, mask, cache)
        return self.head(self.norm(hidden[:, -1]))


class Conv1d(nn.Module):
    """y = x W + b, with the weight as GPT-2's checkpoints have it: [inputs, outputs]."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, hidden):
        return torch.addmm(self.bias, hidden.reshape(-1, hidden.shape[-1]), self.weight).view(*hidden.shape[:-1], -1)


class Gpt2Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, self.heads = config["n_embd"], config["n_head"]
        self.c_attn = Conv1d(width, 3 * width)
        self.c_proj = Conv1d(width, width)

    def forward(self, hidden, mask):
        batch, length, width = hidden.shape
        query, key, value = (
            part.view(batch, length, self.heads, -1).transpose(1, 2) for part in self.c_attn(hidden).split(width, dim=2)
        )
        return self.c_proj(attend(query, key, value, mask).transpose(1, 2).reshape(batch, length, width))


class Gpt2Mlp(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_fc = Conv1d(config["n_embd"], config["n_inner"])
        self.c_proj = Conv1d(config["n_inner"], config["n_embd"])

    def forward(self, hidden):
        return self.c_proj(F.gelu(self.c_fc(hidden), approximate="tanh"))


class Gpt2Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config["n_embd"], config["layer_norm_epsilon"])
        self.attn = Gpt2Attention(config)
        self.ln_2 = nn.LayerNorm(config["n_embd"], config["layer_norm_epsilon"])
        self.mlp = Gpt2Mlp(config)

    def forward(self, hidden, mask):
        hidden = hidden + self.attn(self.ln_1(hidden), mask)
        return hidden + self.mlp(self.ln_2(hidden))


class Gpt2(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.wte = nn.Embedding(config["vocab_size"], config["n_embd"])
        self.wpe = nn.Embedding(config["n_positions"], config["n_embd"])
        self.h = nn.ModuleList(Gpt2Layer(config) for _ in range(config["n_layer"]))
        self.ln_f = nn.LayerNorm(config["n_embd"], config["layer_norm_epsilon"])
        self.register_buffer("mask", causal_mask(config["n_positions"]), persistent=False)

    def load(self, tensors):
        self.load_state_dict({name.replace("transformer.", "", 1): tensor for name, tensor in tensors.items()})
        return self

    def forward(self, tokens):
        length = tokens.shape[1]
        hidden = self.wte(tokens) + self.wpe.weight[:length]
        for layer in self.h:
            hidden = layer(hidden, self.mask[:length, :length])
        return F.linear(self.ln_f(hidden), self.wte.weight)
