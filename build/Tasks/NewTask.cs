using Cake.Frosting;
using Harness.NewEditor;

namespace Harness.Build.Tasks;

/// <summary>Writes what a new editor needs, to be filled in.</summary>
[TaskName("New")]
[TaskDescription("writes a new editor's files, to be filled in: --editor=NAME (docs/add-an-editor.md)")]
public sealed class NewTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context)
    {
        var (files, line) = EditorTemplate.Write(Clone.At("."), context.Options.NewEditor!);
        foreach (var file in files)
            Console.WriteLine($"wrote {file}");
        Console.WriteLine($"now add this line to {EditorTemplate.Registry}, at the end of All:");
        Console.WriteLine(line);
        Console.WriteLine("It works as it stands; its comments say what to replace. docs/add-an-editor.md goes through it.");
    }
}
