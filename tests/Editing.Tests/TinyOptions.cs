using Harness.Editing;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using Harness.Editing.Pipelines;

namespace Harness.Tests;

/// <summary>Options with which a <see cref="TinySession"/> is edited in a moment.</summary>
internal static class TinyOptions
{
    public static readonly FineTuningOptions Tuning = new() { BatchSize = 2, Epochs = 2, LearningRate = 1e-3 };
    public static readonly FineTuningOptions Depth = Tuning with { Pipeline = Pipeline.DepthFirst, Steps = 2 };
    public static readonly ValueOptions Value = new() { Steps = 3 };
    public static readonly ContextOptions Contexts = new() { Lengths = [4], PerLength = 2 };

    /// <summary>The options that an editor's own test class has for the tests that hold for every editor.</summary>
    public static IEditorOptions Of(EditorDescriptor editor)
    {
        var tests = editor.OptionsType.Name.Replace("Options", "EditorTests", StringComparison.Ordinal);
        return typeof(TinyOptions).Assembly.GetTypes().FirstOrDefault(type => type.Name == tests)?.GetProperty("Small")?.GetValue(null)
            as IEditorOptions ?? throw new InvalidOperationException(
                $"Editor '{editor.Name}': found no test class {tests} with its small options; write tests/Editing.Tests/Editors/"
                + $"{tests[..^"EditorTests".Length]}/{tests}.cs with 'public static {editor.OptionsType.Name} Small => new() {{ … }};'.");
    }
}
