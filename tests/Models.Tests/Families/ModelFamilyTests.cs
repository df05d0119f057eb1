using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Models;
using Harness.Models.Families;
using Harness.Models.Json;

namespace Harness.Tests.Families;

/// <summary>
/// The fields of much used checkpoints' config.json files, and of what trainers and later versions of transformers make of them: none is
/// refused for a field that changes nothing, and what changes the computation is read.
/// </summary>
public class ModelFamilyTests
{
    private const string Llama =
        """
        {"architectures": ["LlamaForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02,
         "intermediate_size": 11008, "max_position_embeddings": 2048, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 32,
         "rms_norm_eps": 1e-06, "torch_dtype": "float16", "transformers_version": "4.28.0", "use_cache": true, "vocab_size": 32000}
        """;

    private const string Llama2 =
        """
        {"_name_or_path": "x", "num_key_value_heads": 32, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": null, "tie_word_embeddings": false,
         "max_position_embeddings": 4096}
        """;

    private const string Llama3 =
        """
        {"attention_bias": false, "attention_dropout": 0.0, "intermediate_size": 14336, "max_position_embeddings": 8192, "num_key_value_heads": 8,
         "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": null, "rope_theta": 500000.0, "tie_word_embeddings": false, "vocab_size": 128256,
         "bos_token_id": 128000, "eos_token_id": 128001}
        """;

    private const string Llama31 =
        """
        {"mlp_bias": false, "max_position_embeddings": 131072, "eos_token_id": [128001, 128008, 128009], "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0,
         "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"}}
        """;

    private const string Llama32 =
        """
        {"head_dim": 64, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "tie_word_embeddings": true, "rope_scaling":
         {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"}}
        """;

    private const string Mistral =
        """
        {"architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02,
         "intermediate_size": 14336, "max_position_embeddings": 32768, "model_type": "mistral", "num_attention_heads": 32, "num_hidden_layers": 32,
         "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "sliding_window": 4096, "tie_word_embeddings": false,
         "torch_dtype": "bfloat16", "transformers_version": "4.34.0.dev0", "use_cache": true, "vocab_size": 32000}
        """;

    private const string Qwen2 =
        """
        {"architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151645, "hidden_act": "silu",
         "hidden_size": 3584, "initializer_range": 0.02, "intermediate_size": 18944, "max_position_embeddings": 32768, "max_window_layers": 28,
         "model_type": "qwen2", "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4, "rms_norm_eps": 1e-06,
         "rope_theta": 1000000.0, "sliding_window": 131072, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "transformers_version": "4.43.1",
         "use_cache": true, "use_sliding_window": false, "vocab_size": 152064}
        """;

    private const string Qwen3 =
        """
        {"architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151645,
         "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024, "initializer_range": 0.02, "intermediate_size": 3072,
         "max_position_embeddings": 40960, "max_window_layers": 28, "model_type": "qwen3", "num_attention_heads": 16, "num_hidden_layers": 28,
         "num_key_value_heads": 8, "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null,
         "tie_word_embeddings": true, "torch_dtype": "bfloat16", "transformers_version": "4.51.0", "use_cache": true, "use_sliding_window": false,
         "vocab_size": 151936}
        """;

    private const string QwenMoe =
        """
        {"architectures": ["Qwen2MoeForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643, "decoder_sparse_step": 1, "eos_token_id": 151643,
         "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 5632, "max_position_embeddings": 8192,
         "max_window_layers": 21, "model_type": "qwen2_moe", "moe_intermediate_size": 1408, "norm_topk_prob": false, "num_attention_heads": 16,
         "num_experts": 60, "num_experts_per_tok": 4, "num_hidden_layers": 24, "num_key_value_heads": 16, "output_router_logits": false,
         "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "router_aux_loss_coef": 0.001, "shared_expert_intermediate_size": 5632, "sliding_window": 32768,
         "tie_word_embeddings": false, "torch_dtype": "bfloat16", "use_cache": true, "use_sliding_window": false, "vocab_size": 151936}
        """;

    private const string SmolLm =
        """
        {"attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 0, "eos_token_id": 0, "hidden_size": 576, "initializer_range":
         0.041666666666666664, "intermediate_size": 1536, "is_llama_config": true, "mlp_bias": false, "num_attention_heads": 9, "num_hidden_layers": 30,
         "num_key_value_heads": 3, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_interleaved": false, "rope_scaling": null, "rope_theta": 10000.0,
         "tie_word_embeddings": true, "vocab_size": 49152}
        """;

    private const string Gpt2 =
        """
        {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1, "bos_token_id": 50256, "embd_pdrop": 0.1,
         "eos_token_id": 50256, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768,
         "n_head": 12, "n_layer": 12, "n_positions": 1024, "resid_pdrop": 0.1, "summary_activation": null, "summary_first_dropout": 0.1,
         "summary_proj_to_labels": true, "summary_type": "cls_index", "summary_use_proj": true,
         "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}}, "vocab_size": 50257}
        """;

    private const string GptJ =
        """
        {"activation_function": "gelu_new", "architectures": ["GPTJForCausalLM"], "attn_pdrop": 0.0, "bos_token_id": 50256, "embd_pdrop": 0.0,
         "eos_token_id": 50256, "gradient_checkpointing": false, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gptj",
         "n_embd": 4096, "n_head": 16, "n_inner": null, "n_layer": 28, "n_positions": 2048, "resid_pdrop": 0.0, "rotary": true, "rotary_dim": 64,
         "scale_attn_weights": true, "summary_activation": null, "summary_first_dropout": 0.1, "summary_proj_to_labels": true,
         "summary_type": "cls_index", "summary_use_proj": true, "task_specific_params": {"text-generation": {"temperature": 1.0}},
         "tie_word_embeddings": false, "tokenizer_class": "GPT2Tokenizer", "transformers_version": "4.18.0.dev0", "use_cache": true, "vocab_size": 50400}
        """;

    private const string Bloom =
        """
        {"apply_residual_connection_post_layernorm": false, "architectures": ["BloomForCausalLM"], "attention_dropout": 0.0,
         "attention_softmax_in_fp32": true, "bias_dropout_fusion": true, "bos_token_id": 1, "eos_token_id": 2, "hidden_dropout": 0.0,
         "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "masked_softmax_fusion": true, "model_type": "bloom", "n_embed": 1024, "n_inner": null,
         "n_layer": 24, "num_attention_heads": 16, "offset_alibi": 100, "pad_token_id": 3, "pretraining_tp": 1, "seq_length": 2048,
         "skip_bias_add": true, "skip_bias_add_qkv": false, "slow_but_exact": false, "transformers_version": "4.20.0", "unk_token_id": 0,
         "use_cache": true, "vocab_size": 250880}
        """;

    // Layers, width, heads / key-value heads, base of the rotary frequencies, positions; what else is special.
    [Theory]
    [InlineData("LLaMA 7B", "32 4096 32/32 10000 2048", Llama, """{"max_sequence_length": 2048, "pad_token_id": 0}""")]
    [InlineData("LLaMA 7B, old names", "32 4096 32/32 10000 2048", Llama,
        """{"architectures": ["LLaMAForCausalLM"], "pad_token_id": -1}""")]
    [InlineData("LLaMA 2 7B", "32 4096 32/32 10000 4096", Llama, Llama2)]
    [InlineData("LLaMA 2 13B Chat", "40 5120 40/40 10000 4096", Llama, Llama2,
        """{"hidden_size": 5120, "intermediate_size": 13824, "num_attention_heads": 40, "num_hidden_layers": 40, "num_key_value_heads": 40}""")]
    [InlineData("LLaMA 2 70B", "80 8192 64/8 10000 4096", Llama, Llama2,
        """{"hidden_size": 8192, "intermediate_size": 28672, "num_attention_heads": 64, "num_hidden_layers": 80, "num_key_value_heads": 8}""")]
    [InlineData("Vicuna 7B 1.5", "32 4096 32/32 10000 4096", Llama, Llama2,
        """{"do_sample": true, "max_length": 4096, "temperature": 0.9, "top_p": 0.6, "pad_token_id": 0}""")]
    [InlineData("Vicuna 7B 1.5 16k", "32 4096 32/32 10000 4096 linear4", Llama, Llama2,
        """{"max_sequence_length": 16384, "rope_scaling": {"factor": 4.0, "type": "linear"}}""")]
    [InlineData("TinyLlama 1.1B Chat", "22 2048 32/4 10000 2048", Llama, Llama2,
        """{"attention_bias": false, "hidden_size": 2048, "intermediate_size": 5632, "max_position_embeddings": 2048, "num_hidden_layers": 22, "num_key_value_heads": 4, "rope_theta": 10000.0}""")]
    [InlineData("Yi 6B", "32 4096 32/4 5000000 4096", Llama, Llama2,
        """{"num_key_value_heads": 4, "rope_theta": 5000000.0, "vocab_size": 64000, "pad_token_id": 0}""")]
    [InlineData("Yi 1.5 9B Chat", "48 4096 32/4 5000000 4096", Llama, Llama2,
        """{"attention_bias": false, "attention_dropout": 0.0, "num_hidden_layers": 48, "num_key_value_heads": 4, "rope_theta": 5000000.0, "vocab_size": 64000}""")]
    [InlineData("LLaMA 3 8B", "32 4096 32/8 500000 8192", Llama, Llama3)]
    [InlineData("LLaMA 3 8B Instruct", "32 4096 32/8 500000 8192", Llama, Llama3, """{"eos_token_id": 128009}""")]
    [InlineData("LLaMA 3.1 8B", "32 4096 32/8 500000 131072 llama8", Llama, Llama3, Llama31)]
    [InlineData("LLaMA 3.2 1B", "16 2048 32/8 500000 131072 tied llama32", Llama, Llama3, Llama31, Llama32)]
    [InlineData("LLaMA 3.2 3B", "28 3072 24/8 500000 131072 tied llama32", Llama, Llama3, Llama31, Llama32,
        """{"head_dim": 128, "hidden_size": 3072, "num_attention_heads": 24, "num_hidden_layers": 28}""")]
    [InlineData("LLaMA 3.3 70B", "80 8192 64/8 500000 131072 llama8", Llama, Llama3, Llama31,
        """{"head_dim": 128, "hidden_size": 8192, "intermediate_size": 28672, "num_attention_heads": 64, "num_hidden_layers": 80}""")]
    [InlineData("DeepSeek R1 Distill LLaMA 8B", "32 4096 32/8 500000 131072 llama8", Llama, Llama3, Llama31,
        """{"bos_token_id": 128000, "eos_token_id": 128001, "transformers_version": "4.43.0.dev0"}""")]
    [InlineData("LLaMA 3.2 1B by Unsloth", "16 2048 32/8 500000 131072 tied llama32", Llama, Llama3, Llama31, Llama32,
        """{"pad_token_id": 128004, "unsloth_fixed": true, "unsloth_version": "2025.1.5"}""")]
    [InlineData("LLaMA 3 8B by axolotl", "32 4096 32/8 500000 8192", Llama, Llama3,
        """{"_name_or_path": "NousResearch/Meta-Llama-3-8B", "eos_token_id": 128256, "pad_token_id": 128001, "use_cache": false, "vocab_size": 128264, "_attn_implementation_autoset": true}""")]
    [InlineData("LLaMA 2 7B by TRL", "32 4096 32/32 10000 4096", Llama, Llama2,
        """{"neftune_noise_alpha": 5, "pad_token_id": 2, "summary_dropout_prob": 0.1, "use_cache": false, "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}""")]
    [InlineData("LLaMA 3.1 8B by LLaMA-Factory", "32 4096 32/8 500000 131072 llama8", Llama, Llama3, Llama31,
        """{"_name_or_path": "/models/x", "head_dim": 128, "use_cache": false}""")]
    [InlineData("LLaMA 2 7B by LLaMA-Factory, shifted attention", "32 4096 32/32 10000 4096", Llama, Llama2,
        """{"group_size_ratio": 0.25, "use_flash_attention_2": true}""")]
    [InlineData("LLaMA 3.1 8B, transformers 5", "32 4096 32/8 500000 131072 llama8", Llama, Llama3,
        """{"-": ["rope_theta", "rope_scaling", "torch_dtype"], "dtype": "bfloat16", "head_dim": 128, "mlp_bias": false, "max_position_embeddings": 131072, "pad_token_id": null, "transformers_version": "5.0.0", "rope_parameters": {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192, "rope_theta": 500000.0, "rope_type": "llama3"}}""")]
    [InlineData("LLaMA 2 7B, transformers 5", "32 4096 32/32 10000 4096", Llama, Llama2,
        """{"-": ["rope_scaling", "torch_dtype"], "dtype": "float16", "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"}, "layer_types": null, "partial_rotary_factor": 1}""")]
    [InlineData("SmolLM 135M", "30 576 9/3 10000 2048 tied", Llama, SmolLm)]
    [InlineData("SmolLM2 135M", "30 576 9/3 100000 8192 tied", Llama, SmolLm,
        """{"head_dim": 64, "max_position_embeddings": 8192, "rope_theta": 100000}""")]
    [InlineData("SmolLM2 1.7B Instruct", "24 2048 32/32 130000 8192 tied", Llama, SmolLm,
        """{"hidden_size": 2048, "intermediate_size": 8192, "max_position_embeddings": 8192, "num_attention_heads": 32, "num_hidden_layers": 24, "num_key_value_heads": 32, "pad_token_id": 2, "rope_theta": 130000, "transformers.js_config": {"dtype": "q4", "kv_cache_dtype": {"q4f16": "float16", "fp16": "float16"}, "use_external_data_format": {"model.onnx": true}}}""")]
    [InlineData("Mistral 7B 0.1", "32 4096 32/8 10000 32768 window4096", Mistral)]
    [InlineData("Mistral 7B Instruct 0.2", "32 4096 32/8 1000000 32768", Mistral,
        """{"attention_dropout": 0.0, "rope_theta": 1000000.0, "sliding_window": null}""")]
    [InlineData("Mistral 7B 0.3", "32 4096 32/8 1000000 32768", Mistral,
        """{"attention_dropout": 0.0, "rope_theta": 1000000.0, "sliding_window": null, "vocab_size": 32768}""")]
    [InlineData("Mistral Nemo", "40 5120 32/8 1000000 131072", Mistral,
        """{"attention_dropout": 0.0, "head_dim": 128, "hidden_size": 5120, "max_position_embeddings": 131072, "num_hidden_layers": 40, "rope_theta": 1000000.0, "sliding_window": null, "vocab_size": 131072}""")]
    [InlineData("Zephyr 7B beta", "32 4096 32/8 10000 32768 window4096", Mistral, """{"_name_or_path": "x", "pad_token_id": 2}""")]
    [InlineData("OpenHermes 2.5", "32 4096 32/8 10000 32768 window4096", Mistral,
        """{"eos_token_id": 32000, "use_cache": false, "vocab_size": 32002}""")]
    [InlineData("Mistral 7B, transformers 5", "32 4096 32/8 1000000 32768", Mistral,
        """{"-": ["rope_theta", "torch_dtype"], "dtype": "bfloat16", "head_dim": null, "attention_dropout": 0.0, "sliding_window": null, "pad_token_id": null, "rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"}, "layer_types": null}""")]
    [InlineData("Qwen1.5 0.5B", "24 1024 16/16 1000000 32768 tied", Qwen2,
        """{"hidden_size": 1024, "intermediate_size": 2816, "max_window_layers": 21, "num_attention_heads": 16, "num_hidden_layers": 24, "num_key_value_heads": 16, "sliding_window": 32768, "tie_word_embeddings": true}""")]
    [InlineData("Qwen2 7B Instruct", "28 3584 28/4 1000000 32768", Qwen2)]
    [InlineData("Qwen2.5 0.5B", "24 896 14/2 1000000 32768 tied", Qwen2,
        """{"hidden_size": 896, "intermediate_size": 4864, "max_window_layers": 24, "num_attention_heads": 14, "num_hidden_layers": 24, "num_key_value_heads": 2, "sliding_window": 32768, "tie_word_embeddings": true, "use_mrope": false}""")]
    [InlineData("Qwen2.5 7B Instruct", "28 3584 28/4 1000000 32768", Qwen2, """{"rope_scaling": null, "sliding_window": null}""")]
    [InlineData("Qwen2.5 Coder 7B", "28 3584 28/4 1000000 131072", Qwen2, """{"max_position_embeddings": 131072}""")]
    [InlineData("DeepSeek R1 Distill Qwen 7B", "28 3584 28/4 10000 131072", Qwen2,
        """{"eos_token_id": 151643, "max_position_embeddings": 131072, "rope_theta": 10000, "sliding_window": 4096, "use_mrope": false}""")]
    [InlineData("Qwen2.5 1.5B by Unsloth", "28 1536 12/2 1000000 32768 tied", Qwen2,
        """{"hidden_size": 1536, "intermediate_size": 8960, "num_attention_heads": 12, "num_key_value_heads": 2, "pad_token_id": 151654, "rope_scaling": null, "sliding_window": null, "tie_word_embeddings": true, "unsloth_fixed": true}""")]
    [InlineData("Qwen2 7B, its biases named", "28 3584 28/4 1000000 32768", Qwen2, """{"attention_bias": true}""")]
    [InlineData("Qwen2.5 7B, transformers 4.56", "28 3584 28/4 1000000 32768", Qwen2,
        """{"-": ["torch_dtype"], "dtype": "bfloat16", "rope_scaling": null, "sliding_window": null, "layer_types": 28}""")]
    [InlineData("Qwen2.5 7B, transformers 5", "28 3584 28/4 1000000 32768", Qwen2,
        """{"-": ["torch_dtype", "rope_theta"], "dtype": "bfloat16", "rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"}, "sliding_window": null, "layer_types": 28, "pad_token_id": null}""")]
    [InlineData("Qwen3 0.6B", "28 1024 16/8 1000000 40960 tied", Qwen3)]
    [InlineData("Qwen3 8B", "36 4096 32/8 1000000 40960", Qwen3,
        """{"hidden_size": 4096, "intermediate_size": 12288, "max_window_layers": 36, "num_attention_heads": 32, "num_hidden_layers": 36, "tie_word_embeddings": false}""")]
    [InlineData("Qwen3 4B Instruct 2507", "36 2560 32/8 5000000 262144 tied", Qwen3,
        """{"hidden_size": 2560, "intermediate_size": 9728, "max_position_embeddings": 262144, "max_window_layers": 36, "num_attention_heads": 32, "num_hidden_layers": 36, "rope_theta": 5000000}""")]
    [InlineData("Qwen3 0.6B, transformers 5", "28 1024 16/8 1000000 40960 tied", Qwen3,
        """{"-": ["rope_theta", "rope_scaling", "torch_dtype"], "dtype": "bfloat16", "layer_types": 28, "rope_parameters": {"rope_theta": 1000000, "rope_type": "default"}}""")]
    [InlineData("Qwen1.5 MoE A2.7B", "24 2048 16/16 1000000 8192 experts60", QwenMoe)]
    [InlineData("Qwen1.5 MoE A2.7B, later", "24 2048 16/16 1000000 8192 experts60", QwenMoe,
        """{"layer_types": 24, "mlp_only_layers": [], "qkv_bias": true, "rope_scaling": null}""")]
    [InlineData("GPT-2", "12 768 12/12 10000 1024 tied", Gpt2)]
    [InlineData("GPT-2 medium", "24 1024 16/16 10000 1024 tied", Gpt2,
        """{"n_embd": 1024, "n_head": 16, "n_layer": 24, "n_special": 0, "predict_special_tokens": true}""")]
    [InlineData("GPT-2 XL", "48 1600 25/25 10000 1024 tied", Gpt2,
        """{"n_embd": 1600, "n_head": 25, "n_layer": 48, "output_past": true}""")]
    [InlineData("DistilGPT-2", "6 768 12/12 10000 1024 tied", Gpt2,
        """{"_num_labels": 1, "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}, "n_layer": 6}""")]
    [InlineData("GPT-2, fine-tuned", "12 768 12/12 10000 1024 tied", Gpt2,
        """{"_name_or_path": "gpt2", "n_inner": null, "reorder_and_upcast_attn": false, "scale_attn_by_inverse_layer_idx": false, "scale_attn_weights": true, "torch_dtype": "float32", "transformers_version": "4.30.2", "use_cache": true}""")]
    [InlineData("GPT-2, transformers 5", "12 768 12/12 10000 1024 tied", Gpt2,
        """{"add_cross_attention": false, "dtype": "float32", "n_inner": null, "pad_token_id": null, "reorder_and_upcast_attn": false, "scale_attn_by_inverse_layer_idx": false, "scale_attn_weights": true, "tie_word_embeddings": true, "transformers_version": "5.0.0"}""")]
    [InlineData("GPT-J 6B", "28 4096 16/16 10000 2048", GptJ)]
    [InlineData("BLOOM 560M", "24 1024 16/16 10000 2048 tied", Bloom)]
    [InlineData("BLOOM 7B1", "30 4096 32/32 10000 2048 tied", Bloom,
        """{"-": ["n_embed", "num_attention_heads"], "hidden_size": 4096, "n_head": 32, "n_layer": 30}""")]
    [InlineData("BLOOMZ 560M", "24 1024 16/16 10000 2048 tied", Bloom,
        """{"-": ["num_attention_heads", "n_embed"], "hidden_size": 1024, "n_head": 16, "torch_dtype": "float16"}""")]
    public void A_published_configuration_is_read(string name, string expected, params string[] parts) =>
        Assert.Equal((name, expected), (name, Summary(Read(parts))));

    [Theory]
    [InlineData("is_llama_config", "true")]
    [InlineData("rope_interleaved", "false")]
    [InlineData("transformers.js_config", """{"kv_cache_dtype": {"q4f16": "float16"}}""")]
    [InlineData("partial_rotary_factor", "1")]
    [InlineData("partial_rotary_factor", "1.0")]
    [InlineData("chunk_size_feed_forward", "0.0")]
    [InlineData("attention_dropout", "0")]
    [InlineData("hidden_act", "\"swish\"")]
    [InlineData("sliding_window", "null")]
    [InlineData("use_sliding_window", "false")]
    [InlineData("attn_logit_softcapping", "null")]
    [InlineData("logits_scaling", "1.0")]
    [InlineData("rope_scaling", "{}")]
    [InlineData("rope_scaling", """{"rope_type": "default", "type": "default", "factor": 1}""")]
    public void A_field_at_a_value_that_changes_nothing_is_accepted(string key, string json) =>
        Assert.Equal(Read([Llama, Llama2]), Read([Llama, Llama2, $$"""{"{{key}}": {{json}}}"""]));

    [Theory]
    [InlineData("rope_interleaved", "true", "rope_interleaved: found true, expected false or null; another is not computed here: take " +
        "a model without it")]
    [InlineData("partial_rotary_factor", "0.5", "expected 1 or null; another is not computed")]
    [InlineData("sliding_window", "4096", "expected null; another")]
    [InlineData("use_sliding_window", "true", "expected false or null; another")]
    [InlineData("attn_logit_softcapping", "50.0", "expected null; another")]
    [InlineData("logits_scaling", "8", "expected 1 or null; another is not computed")]
    [InlineData("hidden_act", "\"gelu\"", "expected \"silu\" or \"swish\"; another")]
    [InlineData("layer_types", """["sliding_attention"]""", "expected \"full_attention\" for every layer; another is not computed here")]
    [InlineData("rope_scaling", """{"rope_type": "linear", "type": "dynamic", "factor": 2}""",
        "rope_scaling.rope_type: found \"linear\", " +
        "expected \"dynamic\" as type; they are one field: correct one of them")]
    [InlineData("rope_scaling", """{"type": "dynamic", "factor": 2}""", "rope_scaling.type: found \"dynamic\", " +
        "expected default, linear or llama3; another is not computed here")]
    [InlineData("rope_scaling", """{"factor": 2}""", "rope_scaling.rope_type: found nothing, expected a text")]
    [InlineData("rope_parameters", """{"rope_type": "default", "rope_theta": 2}""", "expected the rope_theta 10000 that the file names " +
        "beside it; versions of transformers take one or the other: leave one out")]
    [InlineData("rope_parameters", """{"rope_type": "linear", "factor": 2}""",
        "rope_scaling: found {\"rope_type\":\"linear\",\"factor\":4}, expected what rope_parameters says")]
    [InlineData("quantization_config", """{"quant_method": "gptq"}""", "quantization_config: found a checkpoint that is quantised by " +
        "\"gptq\", expected weights in float32")]
    [InlineData("quantization", """{"bits": 4}""", "quantization: found a checkpoint that is quantised, " +
        "expected weights in float32, bfloat16 or float16; take the checkpoint that")]
    [InlineData("zqzq", "2", "found the unknown key 'zqzq', expected only those that are known here; it may change the computation, " +
        "so it is not ignored: if it does not, remove it from a copy of the file, otherwise")]
    public void A_field_that_changes_the_computation_is_refused_by_name(string key, string json, string expected)
    {
        var scaled = expected.Contains("rope_scaling: found {", StringComparison.Ordinal)
            ? """{"rope_scaling": {"rope_type": "linear", "factor": 4}}""" : "{}";
        var error = Assert.Throws<InputException>(
            () => Read([Llama, Llama2, """{"rope_theta": 10000}""", scaled, $$"""{"{{key}}": {{json}}}"""])).Message;
        Assert.Contains(key.Split('.')[0], error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void Several_unknown_fields_are_named_together()
    {
        var error = Assert.Throws<InputException>(() => Read([Llama, """{"zqzq": 1, "qxqxqx": 2, "rms_norm_ep": 3}"""])).Message;
        Assert.Equal(
            "x.json: found the unknown keys 'zqzq', 'qxqxqx', 'rms_norm_ep'; did you mean 'rms_norm_eps'?, " +
                "expected only those that are known here; they may change the computation, so they are not ignored: "
            + "if they do not, remove them from a copy of the file, otherwise the model cannot be edited here",
            error);
    }

    [Fact]
    public void A_field_with_two_names_has_one_value()
    {
        Assert.Equal("24 1024 16/16 10000 2048 tied", Summary(Read([Bloom, """{"hidden_size": 1024, "n_head": 16}"""])));
        Assert.Contains(
            "n_embed: found 1024, expected 64 as hidden_size; they are one field",
            Assert.Throws<InputException>(() => Read([Bloom, """{"hidden_size": 64}"""])).Message, StringComparison.Ordinal);
    }

    // Members of later parts replace those of earlier ones; those under "-" are taken out, and a number stands for as many layers of full
    // attention.
    private static TransformerConfig Read(string[] parts)
    {
        var json = new JsonObject();
        foreach (var (key, value) in parts.SelectMany(part => JsonNode.Parse(part)!.AsObject()))
        {
            if (key == "-") foreach (var gone in value!.AsArray()) json.Remove(gone!.GetValue<string>());
            else if (key == "layer_types" && value is JsonValue layers)
                json[key] = new JsonArray(
                [.. Enumerable.Repeat("full_attention", layers.GetValue<int>()).Select(type => JsonValue.Create(type))]);
            else json[key] = value?.DeepClone();
        }

        var place = JsonPlace.Of("x.json", JsonSerializer.SerializeToElement(json), ConfigFields.Voice);
        return ModelFamily.Find(place["model_type"].Text(), "x.json").Read(place);
    }

    private static string Summary(TransformerConfig config) => string.Join(' ', new[]
    {
        $"{config.Layers} {config.Width} {config.Heads}/{config.KeyValueHeads} {config.RotaryBase} {config.MaxPositions}",
        config.TiedHead ? "tied" : "",
        config.RotaryScaling is { } scaling ? $"{(scaling.OriginalPositions is null ? "linear" : "llama")}{scaling.Factor}" : "",
        config.SlidingWindow is { } window ? $"window{window}" : "",
        config.Experts is { } experts ? $"experts{experts.Count}" : "",
    }.Where(text => text.Length > 0));
}
