using Cake.Core;

namespace Cake.Frosting;

/// <summary>What runs before the first and after the last task of a run, a dry run included.</summary>
public interface IFrostingLifetime
{
    /// <summary>Runs before the first task.</summary>
    void Setup(ICakeContext context, ISetupContext info);

    /// <summary>Runs after the last task, failed or not.</summary>
    void Teardown(ICakeContext context, ITeardownContext info);
}

/// <summary>What runs before and after each task.</summary>
public interface IFrostingTaskLifetime
{
    /// <summary>Runs before the task.</summary>
    void Setup(ICakeContext context, ITaskSetupContext info);

    /// <summary>Runs after the task, failed or not.</summary>
    void Teardown(ICakeContext context, ITaskTeardownContext info);
}

/// <summary>Base class of a program's lifetime.</summary>
public abstract class FrostingLifetime<TContext> : IFrostingLifetime where TContext : ICakeContext
{
    /// <summary>Runs before the first task.</summary>
    public abstract void Setup(TContext context, ISetupContext info);

    /// <summary>Runs after the last task, failed or not.</summary>
    public abstract void Teardown(TContext context, ITeardownContext info);

    void IFrostingLifetime.Setup(ICakeContext context, ISetupContext info) => Setup((TContext)context, info);

    void IFrostingLifetime.Teardown(ICakeContext context, ITeardownContext info) => Teardown((TContext)context, info);
}

/// <summary>Base class of a program's task lifetime.</summary>
public abstract class FrostingTaskLifetime<TContext> : IFrostingTaskLifetime where TContext : ICakeContext
{
    /// <summary>Runs before each task.</summary>
    public abstract void Setup(TContext context, ITaskSetupContext info);

    /// <summary>Runs after each task, failed or not.</summary>
    public abstract void Teardown(TContext context, ITaskTeardownContext info);

    void IFrostingTaskLifetime.Setup(ICakeContext context, ITaskSetupContext info) => Setup((TContext)context, info);

    void IFrostingTaskLifetime.Teardown(ICakeContext context, ITaskTeardownContext info) => Teardown((TContext)context, info);
}
