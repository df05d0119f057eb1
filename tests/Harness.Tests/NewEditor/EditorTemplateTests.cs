using Harness.Editing;
using Harness.NewEditor;

namespace Harness.Tests.NewEditor;

public sealed class EditorTemplateTests : IDisposable
{
    private readonly DirectoryInfo clone = Directory.CreateTempSubdirectory("harness-new-");

    [Fact]
    public void Writes_three_files_that_bear_the_name_and_says_the_line_for_the_registry()
    {
        var (files, line) = EditorTemplate.Write(clone.FullName, "soft-edit-2");
        Assert.Equal(
        [
            "src/Editing/Editors/SoftEdit2/SoftEdit2Options.cs", "src/Editing/Editors/SoftEdit2/SoftEdit2Editor.cs",
            "tests/Editing.Tests/Editors/SoftEdit2/SoftEdit2EditorTests.cs",
        ], files);
        Assert.Equal("        Editors.SoftEdit2.SoftEdit2Editor.Descriptor,", line);
        var texts = files.Select(file => File.ReadAllText(Path.Combine(clone.FullName, file))).ToList();
        Assert.All(texts, text => Assert.DoesNotContain("example", text, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("EditorDescriptor.Of<SoftEdit2Options>(", texts[1], StringComparison.Ordinal);
        Assert.Contains("""  "soft-edit-2", options => new SoftEdit2Editor(options)""", texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Writes_over_no_file_and_then_writes_none()
    {
        var there = Path.Combine(clone.FullName, "tests/Editing.Tests/Editors/Soft/SoftEditorTests.cs");
        Directory.CreateDirectory(Path.GetDirectoryName(there)!);
        File.WriteAllText(there, "mine");
        var error = Assert.Throws<InputException>(() => EditorTemplate.Write(clone.FullName, "soft"));
        Assert.Equal("tests/Editing.Tests/Editors/Soft/SoftEditorTests.cs: found a file, expected none; choose another name, or remove it.",
            error.Message);
        Assert.Equal("mine", File.ReadAllText(there));
        Assert.False(Directory.Exists(Path.Combine(clone.FullName, "src")));
    }

    // The second time the program may be built with it, so that its types are taken: 'edit' stands for such a name.
    [Theory]
    [InlineData("soft", "Soft")]
    [InlineData("edit", "Edit")]
    public void An_editor_that_was_made_before_is_said_to_be_there_and_where(string name, string type)
    {
        foreach (var file in (string[])[$"src/Editing/Editors/{type}/{type}Options.cs", $"src/Editing/Editors/{type}/{type}Editor.cs",
            $"tests/Editing.Tests/Editors/{type}/{type}EditorTests.cs"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(clone.FullName, file))!);
            File.WriteAllText(Path.Combine(clone.FullName, file), "mine");
        }

        Assert.Equal(
            $"--editor: '{name}': found that editor already, in src/Editing/Editors/{type}, expected a new one; go on with it (its line " +
                "belongs into src/Editing/EditorRegistry.cs), or choose another name",
            Assert.Throws<InputException>(() => EditorTemplate.Write(clone.FullName, name)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Soft")]
    [InlineData("../soft")]
    [InlineData("soft/../../x")]
    [InlineData("soft-")]
    [InlineData("2soft")]
    [InlineData("so--ft")]
    [InlineData("soft\n")]
    [InlineData("weich-ä")]
    public void Refuses_what_is_no_name(string name) => Assert.StartsWith(
        $"--editor: found '{name}', expected lower-case letters and digits", Refused(name), StringComparison.Ordinal);

    [Theory]
    [InlineData("rome", "rome", "Rome")]
    [InlineData("ftm", "ft-m", "FtM")]
    [InlineData("loc-ft-bf", "locft-bf", "LocFtBf")]
    public void Refuses_the_name_of_an_editor_and_says_where_it_is(string name, string taken, string folder) => Assert.Equal(
        $"--editor: '{name}': found editor '{taken}' already, in src/Editing/Editors/{folder}, expected a new one; choose another name",
        Refused(name));

    [Theory]
    [InlineData("example")]
    [InlineData("original")]
    [InlineData("edit")]
    [InlineData("memory")]
    [InlineData("edit-session")]
    public void Refuses_a_name_that_would_hide_another_thing(string name) => Assert.Equal(
        $"--editor: '{name}': found something else of that name in the harness; choose another", Refused(name));

    [Theory]
    [InlineData("tensor", "TorchSharp.torch+Tensor")]
    [InlineData("math", "System.Math")]
    [InlineData("device", "TorchSharp.torch+Device")]
    public void Refuses_a_name_that_would_hide_a_library_s(string name, string known) => Assert.Equal(
        $"--editor: '{name}': found {known} of that name in a library; choose another", Refused(name));

    [Fact]
    public void The_names_of_all_editors_would_be_accepted_if_they_were_free() => Assert.All(
        EditorRegistry.All, editor => Assert.Contains("found editor", Refused(editor.Name), StringComparison.Ordinal));

    public void Dispose() => clone.Delete(recursive: true);

    private static string Refused(string name) => Assert.Throws<InputException>(() => EditorTemplate.TypeOf(name)).Message;
}
