using Harness.Downloads;
using Harness.Measuring.Cells;
using Harness.Planning;

namespace Harness.Running.Workers;

/// <summary>Makes one cell in this process: opens its inputs, runs its body in a draft, commits.</summary>
/// <param name="store">The store.</param>
/// <param name="body">The body, <see cref="CellRunner.Run"/> outside tests.</param>
/// <param name="clock">Measures the time that it takes.</param>
public sealed class CellJob(CellStore store, Action<CellRequest, IProgress<string>, CancellationToken> body, TimeProvider clock)
{
    /// <summary>Makes the cell and returns the seconds that it took.</summary>
    /// <exception cref="InputException">An input is damaged, the store is full, or the body found a mistake of the user's.</exception>
    public double Run(WorkerRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        var from = clock.GetTimestamp();
        var inputs = request.Inputs.ToDictionary(input => input.Key, input => store.Open(input.Value));
        using var draft = store.Create(request.Key);
        var cell = new CellRequest
        {
            Kind = request.Kind,
            Options = request.Options,
            Seed = request.Seed,
            Device = request.Device,
            Inputs = inputs,
            OutputFolder = draft.Output,
            Published = new Published(),
        };
        try
        {
            body(cell, progress, cancellation);
        }
        catch (Exception failure) when (StoreFailure.IsFullOrReadOnly(failure))
        {
            throw StoreFailure.Of(store.Folder, failure);
        }

        cancellation.ThrowIfCancellationRequested();
        var seconds = clock.GetElapsedTime(from).TotalSeconds;
        draft.Commit(request.Name, request.Parts, new CellTiming(started, Math.Round(seconds, 3)));
        return seconds;
    }

    /// <summary>Checks that this process has the code, the libtorch and the arithmetic that a cell's key was made with.</summary>
    /// <exception cref="InputException">It has not; a cell made here would be stored under a wrong key.</exception>
    public static void CheckContext(WorkerRequest request, KeyContext context)
    {
        Check("libtorch", context.Libtorch, "install the same version on every machine of the run");
        Check("numerics", context.Numerics,
            "start the program through build.sh, which sets the numerics environment, and use machines of one class");
        var code = context.CodeOf(CellRunner.Of(request.Kind), request.Options);
        foreach (var (name, hash) in request.Parts["code"]!.AsObject())
        {
            if (code.GetValueOrDefault(name) is var found && found != hash!.GetValue<string>())
                throw new InputException($"the code of {name} has changed since the plan was made: found {found}, expected {hash}; run again");
        }

        void Check(string part, string found, string advice)
        {
            if (request.Parts[part]?.GetValue<string>() is { } expected && expected != found)
                throw new InputException($"the worker's {part} is {found}, the plan's is {expected}; {advice}");
        }
    }
}
