namespace Harness.Models.Families;

/// <summary>Fields that Hugging Face writes into every family's config.json and that say nothing about the computation of logits.</summary>
internal static class CommonFields
{
    /// <summary>Names, tokens, training and the defaults of sampling.</summary>
    public static readonly string[] WithoutEffect =
    [
        "_name_or_path", "_attn_implementation_autoset", "_num_labels", "architectures", "attn_pdrop", "attention_dropout", "auto_map", "bad_words_ids",
        "begin_suppress_tokens", "bos_token_id", "decoder_start_token_id", "diversity_penalty", "do_sample", "dtype", "early_stopping", "embd_pdrop",
        "encoder_no_repeat_ngram_size", "eos_token_id", "exponential_decay_length_penalty", "finetuning_task", "forced_bos_token_id",
        "forced_eos_token_id", "gradient_checkpointing", "hidden_dropout", "id2label", "initializer_range", "is_decoder", "label2id", "length_penalty",
        "max_length", "max_sequence_length", "min_length", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_labels",
        "num_return_sequences", "output_attentions", "output_hidden_states", "output_past", "output_scores", "pad_token_id", "prefix", "pretraining_tp",
        "problem_type", "remove_invalid_values", "repetition_penalty", "resid_pdrop", "return_dict", "return_dict_in_generate", "sep_token_id",
        "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj", "suppress_tokens",
        "task_specific_params", "temperature", "tf_legacy_loss", "tie_encoder_decoder", "tokenizer_class", "top_k", "top_p", "torch_dtype", "torchscript",
        "transformers_version", "typical_p", "unk_token_id", "use_bfloat16", "use_cache",
    ];

    /// <summary>Fields that may be there with this value only, as JSON.</summary>
    public static readonly (string Key, string Json)[] Fixed =
    [
        ("add_cross_attention", "false"), ("chunk_size_feed_forward", "0"), ("cross_attention_hidden_size", "null"), ("is_encoder_decoder", "false"),
        ("pruned_heads", "{}"), ("quantization_config", "null"),
    ];
}
