namespace Harness.Models.Families;

/// <summary>
/// Fields that config.json may have whatever the family, and that say nothing about the computation of logits: what transformers, trainers
/// and exporters write. No model of these families reads them in transformers while it computes logits, or they change those by rounding
/// alone.
/// </summary>
internal static class CommonFields
{
    /// <summary>Names, tokens, training, the defaults of sampling, and notes of tools.</summary>
    public static readonly string[] WithoutEffect =
    [
        "_attn_implementation", "_attn_implementation_autoset", "_attn_implementation_internal", "_commit_hash", "_experts_implementation",
        "_flash_attn_2_enabled", "_name_or_path", "_num_labels", "architectures", "assistant_confidence_threshold", "attention_dropout",
        "attention_probs_dropout_prob", "attn_implementation", "attn_pdrop", "auto_map", "bad_words_ids", "base_model_ep_plan",
        "base_model_pp_plan", "base_model_tp_plan", "begin_suppress_tokens", "bos_token", "bos_token_id", "cache_implementation",
        "classifier_activation", "classifier_dropout", "cls_token_id", "constraints", "custom_pipelines", "decoder_start_token_id",
        "diversity_penalty", "do_sample", "dtype", "early_stopping", "embd_pdrop", "encoder_no_repeat_ngram_size", "eos_token",
        "eos_token_id", "epsilon_cutoff", "eta_cutoff", "exponential_decay_length_penalty", "finetuning_task", "forced_bos_token_id",
        "forced_decoder_ids", "forced_eos_token_id", "force_words_ids", "generation_config", "gradient_checkpointing", "group_size_ratio",
        "guidance_scale", "hidden_dropout", "hidden_dropout_prob", "id2label", "initializer_range", "is_decoder", "is_llama_config",
        "label2id", "length_penalty", "low_memory", "mask_token_id", "max_length", "max_new_tokens", "max_seq_len", "max_seq_length",
        "max_sequence_length", "max_time", "min_length", "min_new_tokens", "min_p", "model_max_length", "name_or_path",
        "neftune_noise_alpha", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_labels", "num_return_sequences",
        "output_attentions", "output_hidden_states", "output_logits", "output_past", "output_scores", "pad_token", "pad_token_id",
        "padding_side", "penalty_alpha", "prefix", "pretraining_tp", "problem_type", "remove_invalid_values", "renormalize_logits",
        "repetition_penalty", "resid_pdrop", "return_dict", "return_dict_in_generate", "sep_token_id", "stop_strings",
        "summary_activation", "summary_dropout_prob", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
        "summary_use_proj", "suppress_tokens", "task_specific_params", "temperature", "tf_legacy_loss", "tie_encoder_decoder",
        "tokenizer_class", "top_k", "top_p", "torch_dtype", "torchscript", "transformers.js_config", "transformers_version", "typical_p",
        "unk_token", "unk_token_id", "unsloth_fixed", "unsloth_version", "use_bfloat16", "use_cache", "use_flash_attention",
        "use_flash_attention_2", "use_return_dict", "xla_device",
    ];

    /// <summary>Fields that may be there with these values only, as JSON: those at which they change nothing.</summary>
    public static readonly (string Key, string[] Json)[] Fixed =
    [
        ("add_cross_attention", ["false", "null"]),
        ("attention_chunk_size", ["null"]),
        ("attn_logit_softcapping", ["null"]),
        ("chunk_size_feed_forward", ["0", "null"]),
        ("cross_attention_hidden_size", ["null"]),
        ("dual_chunk_attention_config", ["null"]),
        ("embedding_multiplier", ["1", "null"]),
        ("final_logit_softcapping", ["null"]),
        ("is_encoder_decoder", ["false", "null"]),
        ("logit_scale", ["1", "null"]),
        ("logits_scaling", ["1", "null"]),
        ("per_layer_config", ["null"]),
        ("pruned_heads", ["{}", "null"]),
        ("qk_layernorm", ["false", "null"]),
        ("residual_multiplier", ["1", "null"]),
        ("rope_interleaved", ["false", "null"]),
        ("text_config", ["null"]),
        ("use_qk_norm", ["false", "null"]),
        ("vision_config", ["null"]),
    ];
}
