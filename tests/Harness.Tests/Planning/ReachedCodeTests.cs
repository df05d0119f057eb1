using System.Reflection;
using System.Runtime.Loader;
using Harness.Editing;
using Harness.Measuring.Cells;
using Harness.Planning;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Harness.Tests.Planning;

/// <summary>The code that keys cover: of small programs that are compiled here, and of the harness's own.</summary>
public sealed class ReachedCodeTests : IDisposable
{
    private const string Program = """
        using System;
        using System.Collections.Generic;
        using System.Linq;

        namespace Sample.Bodies
        {
            public static class Body
            {
                public static double Run() => new Sample.Steps.First().Value(2) + Sample.Steps.Table.Values.Sum();
            }
        }

        namespace Sample.Steps
        {
            public interface IStep { double Value(int number); }
            public class Scale { protected virtual double Factor => 3; }
            public sealed class First : Scale, IStep
            {
                public double Value(int number) => Factor * new[] { 1, 2 }.Select(each => each + Numbers.Offset(number)).Sum();
            }
            public static class Numbers { public static int Offset(int number) => number + 7; }
            public static class Table { public static readonly int[] Values = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]; }
        }

        namespace Sample.Others
        {
            public sealed class Second : Sample.Steps.IStep { public double Value(int number) => 41; }
            public static class Registry
            {
                public static readonly Dictionary<string, Func<Sample.Steps.IStep>> All = new()
                {
                    ["first"] = () => new Sample.Steps.First(),
                    ["second"] = () => new Second(),
                };
            }
        }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("code");
    private int count;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Is_told_by_namespace() => Assert.Equal(["Sample.Bodies", "Sample.Steps"], Of(Program).Keys);

    [Theory]
    [InlineData("number + 7", "number + 8")]
    [InlineData("Factor => 3", "Factor => 4")]
    [InlineData("each + Numbers", "each - Numbers")]
    [InlineData("17, 19", "17, 18")]
    [InlineData("[2, 3, 5, 7, 11, 13, 17, 19, 23, 29]", "[2, 3]")]
    [InlineData("public sealed class First", "[Serializable] public sealed class First")]
    [InlineData("int Offset(int number)", "int Offset(int number = 1)")]
    public void Changes_with_what_is_reached(string before, string after)
    {
        var (was, now) = (Of(Program), Of(Changed(before, after)));
        Assert.Equal(was["Sample.Bodies"], now["Sample.Bodies"]);
        Assert.NotEqual(was["Sample.Steps"], now["Sample.Steps"]);
    }

    [Theory]
    [InlineData("=> 41", "=> 42")] // nobody makes one but the registry
    [InlineData("namespace Sample.Bodies", "namespace Sample.More { public class More { public object Any = new { A = 1, B = 2 }; " +
        "} }\nnamespace Sample.Bodies")]
    [InlineData("public interface IStep {", "// What it is.\n\n    public interface IStep\n{")]
    [InlineData("public static class Registry", "public static class Unused { public static string Text => \"x\"; " +
        "}\npublic static class Registry")]
    public void Does_not_change_with_what_is_not_reached(string before, string after) =>
        Assert.Equal(Of(Program), Of(Changed(before, after)));

    [Fact]
    public void Numbers_that_the_compiler_gives_through_an_assembly_do_not_count()
    {
        const string anonymous = "number + new { Offset = 7, Sign = 1 }.Offset";
        var program = Changed("number + 7", anonymous);
        var earlier = "public class Earlier { public object Any = new { Before = 1 }; }\nnamespace Sample.Bodies";
        Assert.Equal(Of(program), Of(program.Replace("namespace Sample.Bodies", earlier, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_boundary_s_function_is_reached_without_the_others()
    {
        var assembly = Compiled(Program);
        var all = (System.Collections.IDictionary)assembly.GetType("Sample.Others.Registry")!.GetField("All")!.GetValue(null)!;
        var code = Reach(assembly);
        var first = code.From([((Delegate)all["first"]!).Method]);
        Assert.Equal(["Sample.Others", "Sample.Steps"], first.Keys);
        Assert.NotEqual(first["Sample.Others"], code.From([((Delegate)all["second"]!).Method])["Sample.Others"]);

        var other = Compiled(Changed("=> 41", "=> 42"));
        all = (System.Collections.IDictionary)other.GetType("Sample.Others.Registry")!.GetField("All")!.GetValue(null)!;
        Assert.Equal(first, Reach(other).From([((Delegate)all["first"]!).Method]));
    }

    [Fact]
    public void Every_editor_s_code_is_in_the_key_of_its_edits_and_no_other_method_s()
    {
        foreach (var editor in EditorRegistry.All)
        {
            var options = CanonicalJson.ToNode(new EditOptions { Editor = editor.Name, Options = [] })!.AsObject();
            var spaces = KeyContext.ReachedCodeOf(new EditCell(), options).Keys.ToList();
            Assert.Contains(editor.OptionsType.Namespace, spaces);
            if (editor.Name == "rome")
                Assert.DoesNotContain(spaces, space => space is "Harness.Editing.Editors.Memit" or "Harness.Editing.Editors.Grace");
            if (editor.Name == "ft-m")
                Assert.Equal([editor.OptionsType.Namespace], spaces.Where(space => space.Contains(".Editors.", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void What_an_editor_learns_is_covered_without_how_it_edits_then()
    {
        foreach (var editor in EditorRegistry.All.Where(editor => editor.Training is not null))
        {
            var options = CanonicalJson.ToNode(new EditorTrainingOptions { Editor = editor.Name, Options = [] })!.AsObject();
            var training = KeyContext.ReachedCodeOf(new TrainingCell(), options);
            var space = editor.OptionsType.Namespace!;
            Assert.Contains(space, training.Keys);
            var edit = CanonicalJson.ToNode(new EditOptions { Editor = editor.Name, Options = [] })!.AsObject();
            Assert.NotEqual(training[space], KeyContext.ReachedCodeOf(new EditCell(), edit)[space]);
        }
    }

    [Fact]
    public void Where_a_program_is_built_does_not_count()
    {
        const string program = "namespace Sample.Bodies { file class Local { public int Of() => 1; } "
            + "public static class Body { public static int Run() => new Local().Of(); } }";
        Assert.Equal(Of(program, "/here/sample.cs"), Of(program, "/there/sample.cs"));
        Assert.NotEqual(Of(program), Of(program.Replace("=> 1", "=> 2", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_kind_of_cell_uses_libtorch_where_its_code_reaches_it()
    {
        var code = KeyContext.Code.Value;
        foreach (var kind in CellRunner.Kinds)
        {
            var reached = code.From([kind.GetType()]);
            Assert.Equal(kind.UsesLibtorch, reached.ContainsKey("TorchSharp"));
            Assert.DoesNotContain(reached.Keys, space => space.StartsWith("Harness.Editing.Editors", StringComparison.Ordinal));
        }
    }

    private static string Changed(string before, string after)
    {
        Assert.Contains(before, Program, StringComparison.Ordinal);
        return Program.Replace(before, after, StringComparison.Ordinal);
    }

    private Dictionary<string, string> Of(string program, string path = "")
    {
        var assembly = Compiled(program, path);
        return new(Reach(assembly).From([assembly.GetType("Sample.Bodies.Body")!]));
    }

    private static ReachedCode Reach(Assembly assembly) => new([assembly], new HashSet<string> { "Sample.Others.Registry" });

    private Assembly Compiled(string program, string path = "")
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal))
                .Select(file => MetadataReference.CreateFromFile(file));
        var file = Path.Combine(folder.FullName, $"{count++}.dll");
        var result = CSharpCompilation.Create(
            "sample", [CSharpSyntaxTree.ParseText(program, path: path)], references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release)).Emit(file);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return new AssemblyLoadContext(file, isCollectible: true).LoadFromAssemblyPath(file);
    }
}
