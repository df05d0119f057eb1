using Cake.Core;
using Cake.Core.Diagnostics;
using Harness;

namespace Cake.Frosting;

/// <summary>What to do with the graph of tasks.</summary>
internal enum HostMode
{
    /// <summary>Run the targets.</summary>
    Build,

    /// <summary>Name the tasks that a run would execute, in order.</summary>
    DryRun,

    /// <summary>Print the graph.</summary>
    Tree,

    /// <summary>Print the tasks' descriptions.</summary>
    Description,
}

/// <summary>Cake's own options, taken from the command line; everything else is left for <see cref="ICakeArguments"/>.</summary>
/// <param name="Targets">Targets in the order given; <c>Default</c> where none is.</param>
/// <param name="Exclusive">Whether dependencies are left out.</param>
/// <param name="Mode">What to do with the graph.</param>
/// <param name="Verbosity">How much is logged.</param>
/// <param name="WorkingDirectory">Folder to work in, or null.</param>
/// <param name="Arguments">Every option with its values, Cake's own included.</param>
internal sealed record CommandLine(
    IReadOnlyList<string> Targets, bool Exclusive, HostMode Mode, Verbosity Verbosity, string? WorkingDirectory,
    ILookup<string, string> Arguments)
{
    private static readonly Dictionary<string, string> ShortNames = new()
    {
        ["t"] = "target",
        ["e"] = "exclusive",
        ["v"] = "verbosity",
        ["w"] = "working",
    };

    /// <summary>Reads <c>--name=value</c>, <c>--name value</c> and <c>--name</c>; a word that belongs to no option is an error.</summary>
    public static CommandLine Parse(IEnumerable<string> args)
    {
        List<(string Name, string Value)> options = [];
        var words = new Queue<string>(args);
        while (words.TryDequeue(out var word))
        {
            if (!word.StartsWith('-') || word.TrimStart('-').Length == 0)
                throw new InputException($"command line: found '{word}', expected an option such as --target=NAME");
            var (name, value) = Split(word);
            options.Add((name, value ?? (words.TryPeek(out var next) && !next.StartsWith('-') ? words.Dequeue() : "")));
        }

        var arguments = options.ToLookup(option => option.Name, option => option.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var needsValue in new[] { "target", "working" })
            if (arguments[needsValue].Any(string.IsNullOrWhiteSpace))
                throw new InputException($"command line: --{needsValue} has no value; write --{needsValue}=VALUE");
        return new CommandLine(
            [.. arguments["target"].DefaultIfEmpty("Default")], IsOn(arguments, "exclusive"), ReadMode(arguments),
            ReadVerbosity(arguments["verbosity"].LastOrDefault()), arguments["working"].LastOrDefault(), arguments);
    }

    private static (string Name, string? Value) Split(string word)
    {
        var equals = word.IndexOf('=');
        var name = (equals < 0 ? word : word[..equals]).TrimStart('-');
        var isShort = !word.StartsWith("--", StringComparison.Ordinal);
        return (isShort && ShortNames.TryGetValue(name, out var full) ? full : name, equals < 0 ? null : word[(equals + 1)..]);
    }

    private static HostMode ReadMode(ILookup<string, string> arguments) =>
        IsOn(arguments, "tree") ? HostMode.Tree
        : IsOn(arguments, "description") ? HostMode.Description
        : IsOn(arguments, "dryrun") ? HostMode.DryRun
        : HostMode.Build;

    private static bool IsOn(ILookup<string, string> arguments, string name) =>
        arguments.Contains(name) && !string.Equals(arguments[name].Last(), "false", StringComparison.OrdinalIgnoreCase);

    private static Verbosity ReadVerbosity(string? value)
    {
        if (value is null)
            return Verbosity.Normal;
        var names = Enum.GetNames<Verbosity>();
        var found = names.FirstOrDefault(name => value.Length > 0 && name.StartsWith(value, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
            return Enum.Parse<Verbosity>(found);
        var lowered = names.Select(name => name.ToLowerInvariant()).ToList();
        var expected = string.Join(", ", lowered);
        throw new InputException($"--verbosity: found '{value}', expected one of {expected}{Nearest.Suggestion(value, lowered)}");
    }
}
