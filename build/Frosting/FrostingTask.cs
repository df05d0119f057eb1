using Cake.Core;

namespace Cake.Frosting;

/// <summary>A task of a Frosting program: an exported, non-abstract class.</summary>
public interface IFrostingTask
{
    /// <summary>Shown when <see cref="ShouldRun"/> says no.</summary>
    string SkippedMessage { get; }

    /// <summary>Does the work.</summary>
    Task RunAsync(ICakeContext context);

    /// <summary>Whether the task runs; a requested target that does not is an error.</summary>
    bool ShouldRun(ICakeContext context);

    /// <summary>Handles an error, which then counts as dealt with unless this throws.</summary>
    void OnError(Exception exception, ICakeContext context);

    /// <summary>Runs at the task's end, failed or not.</summary>
    void Finally(ICakeContext context);
}

/// <summary>A task whose work is synchronous, on Cake's plain context.</summary>
public abstract class FrostingTask : FrostingTask<ICakeContext>;

/// <summary>A task whose work is synchronous.</summary>
public abstract class FrostingTask<T> : FrostingTaskBase<T> where T : ICakeContext
{
    /// <summary>Does the work.</summary>
    public virtual void Run(T context) { }

    private protected sealed override Task RunTaskAsync(T context)
    {
        Run(context);
        return Task.CompletedTask;
    }
}

/// <summary>A task whose work is asynchronous, on Cake's plain context.</summary>
public abstract class AsyncFrostingTask : AsyncFrostingTask<ICakeContext>;

/// <summary>A task whose work is asynchronous.</summary>
public abstract class AsyncFrostingTask<T> : FrostingTaskBase<T> where T : ICakeContext
{
    /// <summary>Does the work.</summary>
    public virtual Task RunAsync(T context) => Task.CompletedTask;

    private protected sealed override Task RunTaskAsync(T context) => RunAsync(context);
}

/// <summary>What both kinds of task share.</summary>
public abstract class FrostingTaskBase<T> : IFrostingTask where T : ICakeContext
{
    private protected FrostingTaskBase() { }

    /// <inheritdoc/>
    public virtual string SkippedMessage => "";

    /// <inheritdoc cref="IFrostingTask.ShouldRun"/>
    public virtual bool ShouldRun(T context) => true;

    /// <inheritdoc cref="IFrostingTask.OnError"/>
    public virtual void OnError(Exception exception, T context) { }

    /// <inheritdoc cref="IFrostingTask.Finally"/>
    public virtual void Finally(T context) { }

    Task IFrostingTask.RunAsync(ICakeContext context) => RunTaskAsync((T)context);

    bool IFrostingTask.ShouldRun(ICakeContext context) => ShouldRun((T)context);

    void IFrostingTask.OnError(Exception exception, ICakeContext context) => OnError(exception, (T)context);

    void IFrostingTask.Finally(ICakeContext context) => Finally((T)context);

    private protected abstract Task RunTaskAsync(T context);
}
