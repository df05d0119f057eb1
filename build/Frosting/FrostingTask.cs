using Cake.Core;

namespace Cake.Frosting;

/// <summary>A task of a Frosting program: an exported, non-abstract class.</summary>
public interface IFrostingTask
{
    /// <summary>Does the work.</summary>
    void Run(ICakeContext context);
}

/// <summary>A task on the program's own context.</summary>
public abstract class FrostingTask<T> : IFrostingTask where T : ICakeContext
{
    /// <summary>Does the work.</summary>
    public abstract void Run(T context);

    void IFrostingTask.Run(ICakeContext context) => Run((T)context);
}

/// <summary>The task's name on the command line; the type's name where this is missing.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TaskNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>One line for <c>--description</c> and <c>--help</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TaskDescriptionAttribute(string description) : Attribute
{
    /// <summary>The line.</summary>
    public string Description { get; } = description;
}

/// <summary>The task runs after another, which runs first.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class IsDependentOnAttribute(Type task) : Attribute
{
    /// <summary>The other task.</summary>
    public Type Task { get; } = task;
}
