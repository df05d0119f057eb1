// R = rows, T = positions, D = model width, M = target tokens of all rows, A = active requests.
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>The tensors of those rows of a <see cref="ValueForward"/> whose requests are still searched for.</summary>
internal sealed class ActiveRows : IDisposable
{
    /// <summary>Selects and lays out the rows of some requests.</summary>
    /// <param name="rows">All rows, by request.</param>
    /// <param name="hidden_RTD">Hidden states of all rows, in the same order.</param>
    /// <param name="requests">Numbers of the active requests, ascending.</param>
    public ActiveRows(ValueRow[][] rows, Tensor hidden_RTD, int[] requests)
    {
        Requests = requests;
        using var scope = NewDisposeScope();
        List<long> selected = [], owners = [], positions = [], labels = [], divergences = [];
        List<float> shares = [];
        List<int> tokenOwners = [];
        var length = (int)hidden_RTD.shape[1];
        var subjects = new float[requests.Sum(request => rows[request].Length) * length];
        var rowsPerRequest = rows[0].Length;
        for (var i = 0; i < requests.Length; i++)
        {
            foreach (var row in rows[requests[i]])
            {
                var start = owners.Count * length;
                subjects[start + row.Subject] = 1;
                selected.Add(requests[i] * rowsPerRequest + owners.Count % rowsPerRequest);
                owners.Add(requests[i]);
                for (var token = 0; token < row.Targets.Length; token++)
                {
                    positions.Add(start + row.TargetStart - 1 + token);
                    labels.Add(row.Targets[token]);
                    shares.Add(1f / ((rowsPerRequest - 1) * row.Targets.Length));
                    tokenOwners.Add(i);
                }

                if (row.Targets.Length == 0)
                    divergences.Add(start + row.Subject);
            }
        }

        TokenOwners = [.. tokenOwners];
        Hidden_RTD = hidden_RTD.index_select(0, tensor(selected.ToArray(), device: hidden_RTD.device)).DetachFromDisposeScope();
        Subjects_RT1 = tensor(subjects, [owners.Count, length, 1], device: hidden_RTD.device).DetachFromDisposeScope();
        Owners_R = tensor(owners.ToArray(), device: hidden_RTD.device).DetachFromDisposeScope();
        Wanted = tensor(positions.Concat(divergences).ToArray(), device: hidden_RTD.device).DetachFromDisposeScope();
        Labels_M = tensor(labels.ToArray(), device: hidden_RTD.device).DetachFromDisposeScope();
        Shares_M = tensor(shares.ToArray(), device: hidden_RTD.device).DetachFromDisposeScope();
    }

    /// <summary>Numbers of the active requests.</summary>
    public int[] Requests { get; }

    /// <summary>For each target token, the place of its request among the active ones.</summary>
    public int[] TokenOwners { get; }

    /// <summary>[R, T, D]: what lies below δ.</summary>
    public Tensor Hidden_RTD { get; }

    /// <summary>[R, T, 1]: 1 at the subject's last token, else 0.</summary>
    public Tensor Subjects_RT1 { get; }

    /// <summary>[R] Int64: each row's request.</summary>
    public Tensor Owners_R { get; }

    /// <summary>[M + A] Int64: r·T + t of the positions that predict target tokens, then of the KL prompts' subjects.</summary>
    public Tensor Wanted { get; }

    /// <summary>[M] Int64: the target ids.</summary>
    public Tensor Labels_M { get; }

    /// <summary>[M]: each token's share in its request's loss: mean over tokens, then over contexts.</summary>
    public Tensor Shares_M { get; }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Hidden_RTD.Dispose();
        Subjects_RT1.Dispose();
        Owners_R.Dispose();
        Wanted.Dispose();
        Labels_M.Dispose();
        Shares_M.Dispose();
    }
}
