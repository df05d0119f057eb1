using System.Reflection;
using System.Text.RegularExpressions;
using Harness.Editing;

namespace Harness.NewEditor;

/// <summary>
/// The files of a new editor, to be filled in (docs/add-an-editor.md). What they are made from are the files in Template/, which
/// the tests of the editors compile and run: an editor of its own, half-way fine-tuning, that is named anew.
/// </summary>
public static partial class EditorTemplate
{
    private const string Example = "Example", Prefix = "EditorTemplate/", Folder = "src/Editing/Editors/";

    /// <summary>Where the registry is, for people.</summary>
    public const string Registry = "src/Editing/EditorRegistry.cs";

    /// <summary>Writes the files; none is ever written over.</summary>
    /// <param name="clone">The clone's folder.</param>
    /// <param name="name">The editor's name.</param>
    /// <returns>The files, relative to the clone, and the line that the registry wants.</returns>
    /// <exception cref="InputException">The name is taken or no name, or a file is there already; nothing is then written.</exception>
    public static (IReadOnlyList<string> Files, string Line) Write(string clone, string name)
    {
        var type = Spelled(name);
        var files = new Dictionary<string, string>
        {
            [$"{Folder}{type}/{type}Options.cs"] = Text("ExampleOptions.cs", name, type),
            [$"{Folder}{type}/{type}Editor.cs"] = Text("ExampleEditor.cs", name, type),
            [$"tests/Editing.Tests/Editors/{type}/{type}EditorTests.cs"] = Text("ExampleEditorTests.cs", name, type),
        };
        List<string> there = [.. files.Keys.Where(file => File.Exists(Path.Combine(clone, file)))];
        if (there.Count == files.Count)
            throw new InputException($"--editor: '{name}': found that editor already, in {Folder}{type}, expected a new one; " +
                $"go on with it (its line belongs into {Registry}), or choose another name");
        if (there.Count > 0)
            throw new InputException($"{there[0]}: found a file, expected none; choose another name, or remove it.");
        CheckHidesNothing(name, type);
        foreach (var (file, text) in files)
        {
            var path = Path.Combine(clone, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var writer = new StreamWriter(new FileStream(path, FileMode.CreateNew));
            writer.Write(text);
        }

        return ([.. files.Keys], $"        Editors.{type}.{type}Editor.Descriptor,");
    }

    /// <summary>The beginning of the names of the editor's types: <c>FtM</c> for <c>ft-m</c>.</summary>
    /// <exception cref="InputException">There is such an editor, or the name is none.</exception>
    public static string TypeOf(string name)
    {
        var type = Spelled(name);
        CheckHidesNothing(name, type);
        return type;
    }

    private static string Spelled(string name)
    {
        if (!Kebab().IsMatch(name))
            throw new InputException($"--editor: found '{name}', expected lower-case letters and digits with single hyphens between, " +
                "40 at most, a letter first, such as ft-m");
        var type = string.Concat(name.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
        if (EditorRegistry.All.FirstOrDefault(editor => SameLetters(TypeName(editor), type)) is { } taken)
            throw new InputException($"--editor: '{name}': found editor '{taken.Name}' already, " +
                $"in {Folder}{taken.OptionsType.Namespace!.Split('.')[^1]}, expected a new one; choose another name");
        return type;
    }

    private static void CheckHidesNothing(string name, string type)
    {
        // An editor's namespace would hide a type or a namespace of that name from its own code.
        if (SameLetters(type, Example) || SameLetters(type, Declarations.EditorEntry.Original)
            || typeof(EditorRegistry).Assembly.GetTypes().Any(known => SameLetters(known.Name, type)
                || known.FullName!.Split('.').Any(part => SameLetters(part, type))))
            throw new InputException($"--editor: '{name}': found something else of that name in the harness; choose another");

        // And so it would those of the libraries that the code of editors names without their namespace: Tensor, Math.
        if (typeof(EditorRegistry).Assembly.GetReferencedAssemblies().Select(Assembly.Load).Prepend(typeof(object).Assembly)
            .SelectMany(library => library.GetExportedTypes()).FirstOrDefault(known => known.Name.Split('`')[0] == type) is { } hidden)
            throw new InputException($"--editor: '{name}': found {hidden.FullName} of that name in a library; choose another");
    }

    /// <summary>One of the files in Template/, by its name.</summary>
    internal static string Read(string file)
    {
        using var reader = new StreamReader(typeof(EditorTemplate).Assembly.GetManifestResourceStream(Prefix + file)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Text(string file, string name, string type) => Read(file)
        .Replace(Example, type, StringComparison.Ordinal)
        .Replace("\"example\"", $"\"{name}\"", StringComparison.Ordinal)
        .Replace("'example'", $"'{name}'", StringComparison.Ordinal)
        .Replace(" example:", $" {name}:", StringComparison.Ordinal);

    private static string TypeName(EditorDescriptor editor) => editor.OptionsType.Name[..^"Options".Length];

    private static bool SameLetters(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Kebab();
}
