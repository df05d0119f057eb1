using Cake.Core;
using Cake.Core.Diagnostics;
using Cake.Frosting;
using Harness.Build.Options;
using Harness.Planning;
using Harness.Running.Workers;
using Microsoft.Extensions.DependencyInjection;

namespace Harness.Build;

/// <summary>The harness's program: a worker where it is started as one, Cake otherwise.</summary>
public static class Program
{
    /// <summary>Runs what the command line asks for; 0 when all went well.</summary>
    public static int Main(string[] args)
    {
        if (args is ["worker", .. var work])
            return Worker.Run(work);
        if (args is ["numerics"])
            return ShowNumerics();

        // Cake colours its log by TERM alone, wherever the log goes.
        if (Console.IsOutputRedirected)
            Environment.SetEnvironmentVariable("TERM", "dumb");
        if (args.Length > 0 && !args.Any(argument => argument is "--help" or "-h" or "-?"))
        {
            using var interruption = new Interruption(Console.Error);
            return Host(interruption).Run(args);
        }

        HelpPage.Write();
        return 0;
    }

    // For tests/numerics: the class of this machine, and the hashes that it is made of.
    private static int ShowNumerics()
    {
        Console.WriteLine($"{NumericsClass.Current} libtorch {NumericsClass.Libtorch}");
        foreach (var line in NumericsClass.Parts()) Console.WriteLine(line);
        return 0;
    }

    private static CakeHost Host(Interruption interruption) => new CakeHost()
        .ConfigureServices(services => services
            .AddSingleton(interruption)
            .AddSingleton<ICakeReportPrinter, StepPrinter>()
            .AddSingleton<ICakeEngine>(provider =>
                new CakeEngine(provider.GetRequiredService<ICakeDataService>(), new EngineLog(provider.GetRequiredService<ICakeLog>()))))
        .UseContext<HarnessContext>()
        .UseLifetime<Lifetime>();
}
