using Cake.Core;

namespace Cake.Frosting;

/// <summary>The context that every task of a Frosting program gets.</summary>
public interface IFrostingContext : ICakeContext;

/// <summary>Base class of a program's own context.</summary>
public class FrostingContext(ICakeContext context) : CakeContextAdapter(context), IFrostingContext;

/// <summary>What runs before the first and after the last task.</summary>
public interface IFrostingLifetime
{
    /// <summary>Runs before the first task.</summary>
    void Setup(ICakeContext context, ISetupContext info);

    /// <summary>Runs after the last task, failed or not.</summary>
    void Teardown(ICakeContext context, ITeardownContext info);
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
