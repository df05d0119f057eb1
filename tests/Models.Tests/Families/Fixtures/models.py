"""The tiny models that make.py makes: each config has the fields that the hub's checkpoints of its family carry.

Numbers that change the computation differ from their defaults, so that a reader which overlooks one is found out.
"""

import torch

FIXTURES = {}


def add(name, config, dtype=torch.float32, **options):
    FIXTURES[name] = {"config": config, "dtype": dtype, **options}


def mask_tables(dtype, layers, positions, masked_bias=False):
    """The causal masks that old GPT-2 and GPT-J checkpoints hold."""
    tables = {}
    for layer in range(layers):
        tables[f"transformer.h.{layer}.attn.bias"] = torch.ones(1, 1, positions, positions).tril().to(dtype)
        if masked_bias:
            tables[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e9)
    return tables


def inverse_frequencies(layers, width, base):
    """The rotary frequencies that the first conversions of LLaMA hold."""
    frequencies = 1 / base ** (torch.arange(0, width, 2).float() / width)
    return {f"model.layers.{layer}.self_attn.rotary_emb.inv_freq": frequencies for layer in range(layers)}


SUMMARY = dict(
    summary_activation=None, summary_first_dropout=0.1, summary_proj_to_labels=True, summary_type="cls_index", summary_use_proj=True)

GPT2 = dict(
    activation_function="gelu_new", architectures=["GPT2LMHeadModel"], attn_pdrop=0.1, bos_token_id=63, embd_pdrop=0.1, eos_token_id=63,
    initializer_range=0.02, layer_norm_epsilon=1e-3, model_type="gpt2", n_embd=18, n_head=3, n_layer=2, n_positions=24, resid_pdrop=0.1,
    vocab_size=64, **SUMMARY)

add("gpt2", dict(GPT2, n_ctx=24, task_specific_params={"text-generation": {"do_sample": True, "max_length": 50}}),
    drop_prefix="transformer.", tables=mask_tables(torch.float32, 2, 24))

# As older versions of transformers saved a GPT-2: prefixed names, byte masks, the tied head twice.
add("gpt2-saved", dict(GPT2, n_inner=40, n_layer=3), dtype=torch.float16, saved=True, copies={"lm_head.weight": "transformer.wte.weight"},
    tables=mask_tables(torch.uint8, 3, 24, masked_bias=True))

add("gptj", dict(
    activation_function="gelu_new", architectures=["GPTJForCausalLM"], attn_pdrop=0.0, bos_token_id=63, embd_pdrop=0.0, eos_token_id=63,
    gradient_checkpointing=False, initializer_range=0.02, layer_norm_epsilon=1e-3, model_type="gptj", n_embd=16, n_head=2, n_inner=None,
    n_layer=2, n_positions=24, resid_pdrop=0.0, rotary=True, rotary_dim=6, scale_attn_weights=True,
    task_specific_params={"text-generation": {"do_sample": True, "max_length": 50, "temperature": 1.0}}, tie_word_embeddings=False,
    tokenizer_class="GPT2Tokenizer", transformers_version="4.18.0.dev0", use_cache=True, vocab_size=64, **SUMMARY),
    tables=mask_tables(torch.bool, 2, 24, masked_bias=True))

LLAMA = dict(
    architectures=["LlamaForCausalLM"], bos_token_id=1, eos_token_id=2, hidden_act="silu", hidden_size=24, initializer_range=0.02,
    intermediate_size=40, max_position_embeddings=64, model_type="llama", num_attention_heads=3, num_hidden_layers=2, rms_norm_eps=1e-3,
    tie_word_embeddings=False, torch_dtype="float32", transformers_version="4.31.0.dev0", use_cache=True, vocab_size=64)

add("llama", dict(LLAMA, max_sequence_length=64, pad_token_id=0, torch_dtype="float16", transformers_version="4.28.0"),
    dtype=torch.float16, tables=inverse_frequencies(2, 8, 10_000))

add("llama-grouped", dict(
    LLAMA, attention_bias=False, attention_dropout=0.0, num_attention_heads=4, num_hidden_layers=3, num_key_value_heads=2, pretraining_tp=1,
    rope_scaling=None, rope_theta=500000.0, torch_dtype="bfloat16"), dtype=torch.bfloat16, shards=3)

# Frequencies of every kind at these lengths: kept, divided, and between.
LLAMA_3 = {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 64, "rope_type": "llama3"}

add("llama-3.1", dict(
    LLAMA, attention_bias=False, attention_dropout=0.0, eos_token_id=[60, 62, 63], head_dim=16, max_position_embeddings=512, mlp_bias=False,
    num_attention_heads=2, num_key_value_heads=1, pretraining_tp=1, rope_scaling=LLAMA_3, rope_theta=5000.0, tie_word_embeddings=True,
    transformers_version="4.45.0.dev0"))

add("llama-linear", dict(
    LLAMA, attention_bias=False, num_key_value_heads=3, pretraining_tp=1, rope_scaling={"factor": 4.0, "type": "linear"}))

add("llama-biases", dict(LLAMA, attention_bias=True, head_dim=12, mlp_bias=True, num_hidden_layers=1), saved=True)

# As transformers 5 writes it; the reference, which is older, is given the same numbers under the names it knows.
ROPE_5 = dict(LLAMA_3, rope_theta=5000.0)
add("llama-5", dict(
    {key: value for key, value in LLAMA.items() if key != "torch_dtype"}, attention_bias=False, attention_dropout=0.0, dtype="float32",
    head_dim=8, max_position_embeddings=512, mlp_bias=False, num_hidden_layers=1, num_key_value_heads=3, pad_token_id=None,
    pretraining_tp=1, rope_parameters=ROPE_5, transformers_version="5.0.0"), understood_as={"rope_theta": 5000.0, "rope_scaling": LLAMA_3})

add("mistral", dict(
    architectures=["MistralForCausalLM"], bos_token_id=1, eos_token_id=2, head_dim=8, hidden_act="silu", hidden_size=24,
    initializer_range=0.02, intermediate_size=40, max_position_embeddings=64, model_type="mistral", num_attention_heads=4,
    num_hidden_layers=2, num_key_value_heads=2, rms_norm_eps=1e-3, rope_theta=1000.0, sliding_window=5, tie_word_embeddings=False,
    torch_dtype="bfloat16", transformers_version="4.34.0.dev0", use_cache=True, vocab_size=64), dtype=torch.bfloat16)

QWEN2 = dict(
    architectures=["Qwen2ForCausalLM"], attention_dropout=0.0, bos_token_id=62, eos_token_id=63, hidden_act="silu", hidden_size=24,
    initializer_range=0.02, intermediate_size=40, max_position_embeddings=64, max_window_layers=2, model_type="qwen2",
    num_attention_heads=3, num_hidden_layers=2, num_key_value_heads=1, rms_norm_eps=1e-3, rope_theta=1000000.0, sliding_window=4,
    tie_word_embeddings=False, torch_dtype="float32", transformers_version="4.40.1", use_cache=True, use_sliding_window=False,
    vocab_size=64)

# The window is not in use: the flag says so.
add("qwen2", dict(QWEN2, max_window_layers=0, torch_dtype="bfloat16", use_mrope=False), dtype=torch.bfloat16, shards=2)
add("qwen2-tied", dict(QWEN2, tie_word_embeddings=True))

QWEN3 = dict(
    {key: value for key, value in QWEN2.items() if key != "sliding_window"}, architectures=["Qwen3ForCausalLM"], attention_bias=False,
    head_dim=8, hidden_size=16, model_type="qwen3", num_attention_heads=4, num_key_value_heads=2, rope_scaling=None, sliding_window=None,
    transformers_version="4.51.0")

add("qwen3", QWEN3)
add("qwen3-saved", dict(QWEN3, tie_word_embeddings=True), dtype=torch.bfloat16, saved=True)

BLOOM = dict(
    apply_residual_connection_post_layernorm=False, architectures=["BloomForCausalLM"], attention_dropout=0.0, bos_token_id=1,
    eos_token_id=2, hidden_dropout=0.0, initializer_range=0.02, layer_norm_epsilon=1e-3, model_type="bloom", n_layer=2,
    pretraining_tp=1, vocab_size=64)

add("bloom", dict(
    BLOOM, attention_softmax_in_fp32=True, bias_dropout_fusion=True, masked_softmax_fusion=True, n_embed=18, n_inner=None,
    num_attention_heads=6, offset_alibi=100, pad_token_id=3, seq_length=64, skip_bias_add=True, skip_bias_add_qkv=False,
    slow_but_exact=False, transformers_version="4.20.0", unk_token_id=0, use_cache=True), drop_prefix="transformer.")
add("bloom-saved", dict(BLOOM, hidden_size=16, n_head=4), saved=True, copies={"lm_head.weight": "transformer.word_embeddings.weight"})

QWEN2_MOE = dict(
    {key: value for key, value in QWEN2.items() if key != "num_hidden_layers"}, architectures=["Qwen2MoeForCausalLM"],
    decoder_sparse_step=1, hidden_size=16, model_type="qwen2_moe", moe_intermediate_size=12, norm_topk_prob=False, num_attention_heads=2,
    num_experts=5, num_experts_per_tok=2, num_hidden_layers=2, num_key_value_heads=1, output_router_logits=False,
    router_aux_loss_coef=0.001, shared_expert_intermediate_size=20)

add("qwen2-moe", QWEN2_MOE)

# Layers 1 and 3 would have experts; layer 3 is told not to.
add("qwen2-moe-mixed", dict(
    QWEN2_MOE, decoder_sparse_step=2, mlp_only_layers=[3], norm_topk_prob=True, num_experts_per_tok=3, num_hidden_layers=4),
    dtype=torch.bfloat16)
