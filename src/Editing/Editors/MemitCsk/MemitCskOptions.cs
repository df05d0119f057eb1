using Harness.Editing.Editors.Memit;

namespace Harness.Editing.Editors.MemitCsk;

/// <summary>
/// Options of MEMIT-CSK (Gupta et al. 2023, "Editing Common Sense in Transformers"; anshitag/memit_csk): MEMIT that may edit at another
/// token than the subject's, and at other layers. Unless set otherwise, the value search is as in its code for gpt2-xl. The paper takes the
/// layers at which a moving average of the causal traces is largest; traces are not made here, and the layers are named instead: published
/// are 1 to 5 of gpt2-xl's 48.
/// </summary>
public sealed record MemitCskOptions : LeastSquaresOptions
{
    /// <summary>Sets the defaults that differ from MEMIT's.</summary>
    public MemitCskOptions() => Value = new() { Steps = 20, WeightDecay = 0.5, Clamp = 0.75, KlPrompt = "{} is a:" };

    /// <summary>
    /// Token at which keys are read and values written. Default <c>after-subject</c>: its code's settings are those of the verb.
    /// </summary>
    public EditToken Token { get; init; } = EditToken.AfterSubject;
}

/// <summary>A token of a prompt. The paper marks subject, verb and object of statements, which end with the object.</summary>
public enum EditToken
{
    /// <summary>The subject's last token: MEMIT.</summary>
    Subject,

    /// <summary>The last token of the word behind the subject: the verb, where the prompt is a statement.</summary>
    AfterSubject,

    /// <summary>The prompt's last token: where the object of the paper's prompts ends.</summary>
    Prompt,
}
