using System.Reflection;
using Cake.Core;
using Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Cake.Frosting;

/// <summary>Turns task types and lifetimes into what Cake's engine knows.</summary>
internal static class TaskRegistration
{
    /// <summary>Registers one engine task per Frosting task; two of one name are an error.</summary>
    public static void AddTasks(ICakeEngine engine, IEnumerable<IFrostingTask> tasks)
    {
        foreach (var task in tasks)
            AddTask(engine, task);
    }

    /// <summary>Connects the program's lifetimes, where it has any.</summary>
    public static void AddLifetimes(ICakeEngine engine, IFrostingContext context, IServiceProvider provider)
    {
        if (provider.GetService<IFrostingLifetime>() is { } lifetime)
        {
            engine.RegisterSetupAction(info => lifetime.Setup(context, info));
            engine.RegisterTeardownAction(info => lifetime.Teardown(context, info));
        }
    }

    /// <summary>Refuses a target that no task has, naming the nearest ones.</summary>
    public static void CheckTargets(ICakeEngine engine, IEnumerable<string> targets)
    {
        var names = engine.Tasks.Select(task => task.Name).ToList();
        foreach (var target in targets)
            if (!names.Contains(target, StringComparer.OrdinalIgnoreCase))
                throw new InputException($"--target: unknown target '{target}'{Suggestion(target, names)} (--description lists them all)");
    }

    private static void AddTask(ICakeEngine engine, IFrostingTask task)
    {
        var type = task.GetType();
        var builder = engine.RegisterTask(NameOf(type));
        if (type.GetCustomAttribute<TaskDescriptionAttribute>() is { } description)
            builder.Description(description.Description);
        foreach (var dependency in type.GetCustomAttributes<IsDependentOnAttribute>())
            builder.IsDependentOn(NameOf(dependency.Task));
        builder.Does(task.Run);
    }

    private static string NameOf(MemberInfo type) => type.GetCustomAttribute<TaskNameAttribute>()?.Name ?? type.Name;

    private static string Suggestion(string target, IReadOnlyList<string> names)
    {
        List<string> near = [];
        while (near.Count < 3 && Nearest.To(target, names.Except(near)) is { } name)
            near.Add(name);
        return near.Count == 0 ? "" : $"; did you mean {string.Join(" or ", near.Select(name => $"'{name}'"))}?";
    }
}
