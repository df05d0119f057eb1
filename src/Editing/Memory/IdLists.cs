using static TorchSharp.torch;

namespace Harness.Editing.Memory;

/// <summary>Lists of token ids as two tensors of a module: all ids one behind the other, and where each list ends.</summary>
internal static class IdLists
{
    /// <summary>Adds "{name}.ids" and "{name}.ends", Int64, which no dispose scope owns.</summary>
    public static void Add(IDictionary<string, Tensor> tensors, string name, IReadOnlyList<int[]> lists)
    {
        var (ends, end) = (new long[lists.Count], 0);
        for (var i = 0; i < ends.Length; i++)
            ends[i] = end += lists[i].Length;
        tensors.Add(name + ".ids", tensor(lists.SelectMany(list => list).Select(id => (long)id).ToArray()).DetachFromDisposeScope());
        tensors.Add(name + ".ends", tensor(ends).DetachFromDisposeScope());
    }

    /// <summary>The lists that <see cref="Add"/> stored.</summary>
    public static int[][] Read(IReadOnlyDictionary<string, Tensor> tensors, string name)
    {
        var (ids, ends) = (Numbers(tensors[name + ".ids"]), Numbers(tensors[name + ".ends"]));
        return [.. ends.Select((end, i) => ids[(i == 0 ? 0 : ends[i - 1])..end])];
    }

    /// <summary>The elements of an Int64 tensor.</summary>
    public static int[] Numbers(Tensor values) =>
        values.numel() == 0 ? [] : Array.ConvertAll(values.data<long>().ToArray(), value => (int)value);
}
