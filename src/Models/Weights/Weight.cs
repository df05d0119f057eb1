using static TorchSharp.torch;

namespace Harness.Models.Weights;

/// <summary>
/// One parameter of a model. Resident: float32, live, trainable. Stored: still in its checkpoint, read anew for each use, until somebody
/// asks for the live one.
/// </summary>
internal sealed class Weight : IDisposable
{
    private readonly StoredWeight? stored;
    private Tensor? resident;
    private WeightCache.Lease? held;
    private InputException? failure;

    /// <summary>A resident weight; takes over the tensor.</summary>
    public Weight(string name, Tensor value) => (Name, Shape, resident) = (name, value.shape, value.DetachFromDisposeScope());

    /// <summary>A weight that stays in its checkpoint.</summary>
    public Weight(string name, StoredWeight stored) => (Name, Shape, this.stored) = (name, stored.Shape, stored);

    public string Name { get; }

    public long[] Shape { get; }

    /// <summary>The live parameter: from now on resident.</summary>
    public Tensor Live
    {
        get
        {
            if (resident is not null) return resident;
            ThrowIfFailed();
            using var ordinary = inference_mode(false);
            using var gradientless = no_grad();
            resident = stored!.ReadNew().DetachFromDisposeScope();
            stored.Forget();
            return resident;
        }
    }

    /// <summary>What a computation in float32 takes now, or null where the weight has to be read: <see cref="Read"/>.</summary>
    public Tensor? Present => resident ?? held?.Value;

    /// <summary>The values in float32, for one use.</summary>
    /// <exception cref="InputException">The file has become unreadable, now or in a backward pass before.</exception>
    public WeightCache.Lease Read()
    {
        ThrowIfFailed();
        return stored!.Read();
    }

    /// <summary>Keeps for the next reading what could not be thrown where it happened.</summary>
    public void Fail(Exception mistake) => failure = mistake as InputException
        ?? new InputException($"{Name}: its gradient could not be computed: {mistake.Message}", mistake);

    /// <summary>What the values give, wherever they are: read anew where they are not at hand, and then not kept.</summary>
    public T Use<T>(Func<Tensor, T> use)
    {
        using var gradientless = no_grad();
        if (Present is { } present) return use(present);
        using var read = Read();
        return use(read.Value);
    }

    /// <summary>Rows of a matrix in float32: [N] Int64 to [N, columns]. The caller's dispose scope owns the result.</summary>
    public Tensor Rows(Tensor rows_N)
    {
        ThrowIfFailed();
        return Present is { } present ? present.index_select(0, rows_N) : stored!.Rows(rows_N);
    }

    /// <summary>Reads a stored weight once for many uses without gradients, until <see cref="LetGo"/>.</summary>
    public void Hold()
    {
        if (Present is null) held = Read();
    }

    /// <summary>Ends <see cref="Hold"/>.</summary>
    public void LetGo()
    {
        held?.Dispose();
        held = null;
    }

    /// <summary>Drops the copy in the checkpoint's dtype that was kept for speed.</summary>
    public void Forget() => stored?.Forget();

    /// <summary>
    /// Rounds the live values to the dtype in which the checkpoint stores them; nothing where the weight has no checkpoint.
    /// </summary>
    public void RoundToStored()
    {
        if (stored is null || resident is null || stored.Dtype == ScalarType.Float32) return;
        using var gradientless = no_grad();
        using var scope = NewDisposeScope();
        resident.copy_(resident.to(stored.Dtype).to(ScalarType.Float32));
    }

    private void ThrowIfFailed()
    {
        if (failure is not null) throw new InputException(failure.Message, failure);
    }

    public void Dispose()
    {
        LetGo();
        resident?.Dispose();
        stored?.Forget();
    }
}
