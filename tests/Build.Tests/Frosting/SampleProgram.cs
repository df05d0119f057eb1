using Cake.Core;
using Cake.Frosting;
using Microsoft.Extensions.DependencyInjection;

namespace Harness.Tests.Frosting;

/// <summary>A small Cake program and what a run of it did.</summary>
public sealed class SampleProgram
{
    private SampleProgram(int exitCode, IReadOnlyList<string> journal, string output, string errors) =>
        (ExitCode, Journal, Output, Errors) = (exitCode, journal, output, errors);

    public int ExitCode { get; }

    /// <summary>What ran, in order.</summary>
    public IReadOnlyList<string> Journal { get; }

    public string Output { get; }

    public string Errors { get; }

    public static SampleProgram Run(params string[] args) => Run<SampleContext>(args);

    public static SampleProgram Run<TContext>(params string[] args) where TContext : class, IFrostingContext
    {
        var journal = new SampleJournal();
        var console = new SampleConsole();
        var exitCode = new CakeHost(typeof(SampleProgram).Assembly).UseContext<TContext>().UseLifetime<SampleLifetime>()
            .ConfigureServices(services => services.AddSingleton(journal).AddSingleton<IConsole>(console)).Run(args);
        return new SampleProgram(exitCode, journal.Lines, console.Output, console.Errors);
    }
}

public sealed class SampleJournal
{
    public List<string> Lines { get; } = [];
}

public class SampleContext(ICakeContext context, SampleJournal journal) : FrostingContext(context)
{
    public void Note(string line) => journal.Lines.Add(line);
}

/// <summary>Registers a task of its own, as tasks from YAML are, and one whose name is taken.</summary>
public sealed class DuplicatingContext : SampleContext
{
    public DuplicatingContext(ICakeContext context, SampleJournal journal, ICakeEngine engine) : base(context, journal) =>
        engine.RegisterTask("Bake");
}

public sealed class DeclaringContext : SampleContext
{
    public DeclaringContext(ICakeContext context, SampleJournal journal, ICakeEngine engine) : base(context, journal) =>
        engine.RegisterTask("Declared").IsDependentOn("Bake").Does(() => Note("declared"));
}

public sealed class SampleLifetime : FrostingLifetime<SampleContext>
{
    public override void Setup(SampleContext context, ISetupContext info) =>
        context.Note($"setup for {string.Join(' ', info.TasksToExecute.Select(task => task.Name))}");

    public override void Teardown(SampleContext context, ITeardownContext info) =>
        context.Note(info.Successful ? "teardown" : "teardown after failure");
}

public abstract class SampleTask : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) => context.Note(GetType().Name);
}

[IsDependentOn(typeof(Weigh))]
public sealed class Mix : SampleTask;

[IsDependentOn(typeof(Mix))]
[TaskDescription("puts it into the oven")]
public sealed class Bake : SampleTask;

[TaskName("Serve-Warm")]
[IsDependentOn(typeof(Bake))]
[IsDependentOn(typeof(Mix))]
public sealed class Serve : SampleTask;

public sealed class Weigh : SampleTask;

public sealed class Burn : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) => throw new InputException("cake.yaml(3,1): found 900, expected at most 250");
}

public sealed class Crash : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) => throw new FormatException("the oven fell over");
}

public sealed class Cancel : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) => throw new OperationCanceledException("Interrupted: the dough is kept.");
}

/// <summary>Neither abstract nor internal classes are tasks.</summary>
internal sealed class Hidden : SampleTask;
