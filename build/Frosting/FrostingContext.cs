using Cake.Core;

namespace Cake.Frosting;

/// <summary>The context that every task of a Frosting program gets.</summary>
public interface IFrostingContext : ICakeContext;

/// <summary>Base class of a program's own context.</summary>
public class FrostingContext(ICakeContext context) : CakeContextAdapter(context), IFrostingContext;
