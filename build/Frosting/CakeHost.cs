using System.Reflection;
using Cake.Cli;
using Cake.Core;
using Cake.Core.Configuration;
using Cake.Core.Diagnostics;
using Harness;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Cake.Frosting;

/// <summary>
/// Hosts Cake's engine in a console program: finds the tasks, reads the command line, runs the targets, returns the exit code.
/// </summary>
public sealed class CakeHost
{
    private readonly ServiceCollection services = [];

    /// <summary>A host with Cake's own services and the tasks of the entry assembly.</summary>
    public CakeHost() : this(Assembly.GetEntryAssembly()!) { }

    internal CakeHost(Assembly tasks)
    {
        services.AddCakeDiagnostics();
        services.UseCakeDefaultModules();
        services.AddSingleton(provider =>
            ConfigurationOf(provider.GetRequiredService<Core.IO.IFileSystem>(), provider.GetRequiredService<ICakeEnvironment>()));
        services.AddSingleton<ICakeArguments>(provider => new CakeArguments(provider.GetRequiredService<CommandLine>().Arguments));
        foreach (var task in tasks.GetExportedTypes().Where(IsTask)) services.AddSingleton(typeof(IFrostingTask), task);
    }

    /// <summary>Adds or replaces services; the last registration of a type wins.</summary>
    public CakeHost ConfigureServices(Action<IServiceCollection> configureServices)
    {
        configureServices(services);
        return this;
    }

    /// <summary>
    /// Every task gets a <typeparamref name="TContext"/>; its constructor may take any service, <c>ICakeEngine</c> among them.
    /// </summary>
    public CakeHost UseContext<TContext>() where TContext : class, IFrostingContext =>
        ConfigureServices(services => services.AddSingleton<IFrostingContext, TContext>());

    /// <summary>What runs before the first and after the last task.</summary>
    public CakeHost UseLifetime<TLifetime>() where TLifetime : class, IFrostingLifetime =>
        ConfigureServices(services => services.AddSingleton<IFrostingLifetime, TLifetime>());

    /// <summary>Runs what the command line asks for.</summary>
    /// <returns>0, or the exit code of what failed (1 unless the exception names another). The cause is one line on standard
    /// error.</returns>
    public int Run(IEnumerable<string> args)
    {
        services.AddSingleton(_ => CommandLine.Parse(args));
        using var provider = services.BuildServiceProvider();
        var errors = new ErrorReport(provider.GetRequiredService<IConsole>());
        try
        {
            var commandLine = provider.GetRequiredService<CommandLine>();
            errors.StackTraces = commandLine.Verbosity == Verbosity.Diagnostic;
            RunAsync(provider, commandLine).GetAwaiter().GetResult();
            return 0;
        }
        catch (Exception exception)
        {
            return errors.Write(exception);
        }
    }

    private static ICakeConfiguration ConfigurationOf(Core.IO.IFileSystem files, ICakeEnvironment environment) =>
        new CakeConfigurationProvider(files, environment).CreateConfiguration(".", new Dictionary<string, string>());

    private static bool IsTask(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && type.IsAssignableTo(typeof(IFrostingTask));

    private static async Task RunAsync(ServiceProvider provider, CommandLine commandLine)
    {
        provider.GetRequiredService<ICakeLog>().Verbosity = commandLine.Verbosity;
        if (commandLine.WorkingDirectory is { } path)
        {
            var environment = provider.GetRequiredService<ICakeEnvironment>();
            if (!Directory.Exists(path))
                throw new InputException($"--working: found no folder '{path}', expected one to work in; correct it or leave it out");
            environment.WorkingDirectory = new Core.IO.DirectoryPath(path).MakeAbsolute(environment);
        }

        var engine = provider.GetRequiredService<ICakeEngine>();
        var context = provider.GetService<IFrostingContext>() ?? new FrostingContext(provider.GetRequiredService<ICakeContext>());
        TaskRegistration.AddTasks(engine, provider.GetServices<IFrostingTask>());
        TaskRegistration.AddLifetimes(engine, context, provider);

        var log = provider.GetRequiredService<ICakeLog>();
        Core.Scripting.IScriptHost host = commandLine.Mode switch
        {
            HostMode.Tree => new TreeScriptHost(engine, context, provider.GetRequiredService<IConsole>()),
            HostMode.Description => new DescriptionScriptHost(engine, context, provider.GetRequiredService<IAnsiConsole>()),
            HostMode.DryRun => new DryRunScriptHost<IFrostingContext>(engine, context, log),
            _ => new BuildScriptHost<IFrostingContext>(
                engine, provider.GetRequiredService<IExecutionStrategy>(), context, provider.GetRequiredService<ICakeReportPrinter>(),
                provider.GetRequiredService<ICakeConfiguration>(), log),
        };
        if (commandLine.Exclusive)
            host.Settings.UseExclusiveTarget();
        if (commandLine.Mode is HostMode.Build or HostMode.DryRun)
            TaskRegistration.CheckTargets(engine, commandLine.Targets);
        await (commandLine.Targets is [var target] ? host.RunTargetAsync(target) : host.RunTargetsAsync(commandLine.Targets));
    }
}
