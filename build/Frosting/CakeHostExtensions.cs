using Microsoft.Extensions.DependencyInjection;

namespace Cake.Frosting;

/// <summary>The program's context, lifetimes and working directory.</summary>
public static class CakeHostExtensions
{
    /// <summary>
    /// Every task gets a <typeparamref name="TContext"/>; its constructor may take any service, <c>ICakeEngine</c> among them.
    /// </summary>
    public static CakeHost UseContext<TContext>(this CakeHost host) where TContext : class, IFrostingContext =>
        host.ConfigureServices(services => services.AddSingleton<IFrostingContext, TContext>());

    /// <summary>What runs before the first and after the last task.</summary>
    public static CakeHost UseLifetime<TLifetime>(this CakeHost host) where TLifetime : class, IFrostingLifetime =>
        host.ConfigureServices(services => services.AddSingleton<IFrostingLifetime, TLifetime>());

    /// <summary>What runs before and after each task.</summary>
    public static CakeHost UseTaskLifetime<TLifetime>(this CakeHost host) where TLifetime : class, IFrostingTaskLifetime =>
        host.ConfigureServices(services => services.AddSingleton<IFrostingTaskLifetime, TLifetime>());

    /// <summary>The folder to work in, relative to the current one; <c>--working</c> goes before it.</summary>
    public static CakeHost UseWorkingDirectory(this CakeHost host, string path) =>
        host.ConfigureServices(services => services.AddSingleton(new WorkingDirectory(path)));
}

/// <summary>The folder to work in.</summary>
internal sealed record WorkingDirectory(string Path);
