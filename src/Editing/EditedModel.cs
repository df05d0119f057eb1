using Harness.Models;
using Harness.Models.Generation;
using TorchSharp;

namespace Harness.Editing;

/// <summary>
/// Asks a model that is edited: its weights by <see cref="Edit.ApplyTo"/>, and what the edit keeps beside them. Prompts that the edit's
/// module does not route are answered in the very batches in which the unedited model answers them, so that their outputs stay the same bit
/// for bit.
/// </summary>
/// <param name="model">The model, as it stands.</param>
/// <param name="module">What the edit keeps beside the weights, or null.</param>
/// <exception cref="InputException">The module is of another model.</exception>
public sealed class EditedModel(Transformer model, EditModule? module = null)
{
    private readonly EditModule? module = Checked(module, model);

    /// <summary>The model behind it.</summary>
    public Transformer Model => model;

    /// <summary>What it says where it is forced through sequences, as <see cref="TeacherForcing.Run"/>.</summary>
    public IReadOnlyList<ForcedAnswer> Force(IReadOnlyList<Sequence> sequences, CancellationToken cancellation = default)
    {
        var answers = TeacherForcing.Run(model, sequences, cancellation: cancellation).ToArray();
        Enter(Routes(Prompts(sequences)), group =>
            group.Keep(answers, TeacherForcing.Run(model, Asked(group, sequences), cancellation: cancellation)));
        return answers;
    }

    /// <summary>Whole distributions where it is forced through sequences, as <see cref="TeacherForcing.Visit"/>.</summary>
    public void Visit(IReadOnlyList<Sequence> sequences, Action<int, torch.Tensor> visit, CancellationToken cancellation = default)
    {
        var routes = Routes(Prompts(sequences));
        var routed = routes.SelectMany(group => group.Members).Select(member => member.Index).ToHashSet();
        TeacherForcing.Visit(model, sequences, VisitUnrouted, cancellation: cancellation);
        Enter(routes, group => TeacherForcing.Visit(
            model, Asked(group, sequences), (i, logits_NV) => visit(group.Members[i].Index, logits_NV), cancellation: cancellation));

        void VisitUnrouted(int row, torch.Tensor logits_NV)
        {
            if (!routed.Contains(row)) visit(row, logits_NV);
        }
    }

    /// <summary>What it goes on with, as <see cref="GreedyDecoder"/>'s Decode.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Decode(
        IReadOnlyList<IReadOnlyList<int>> prompts, int maxNewTokens, Func<IReadOnlyList<int>, bool> stop,
        CancellationToken cancellation = default)
    {
        var answers = GreedyDecoder.Decode(model, prompts, maxNewTokens, stop, cancellation).ToArray();
        Enter(Routes([.. prompts.Select(prompt => prompt.ToArray())]), group => group.Keep(answers, GreedyDecoder.Decode(
            model, [.. group.Members.Select(member => (IReadOnlyList<int>)member.Prompt)], maxNewTokens, stop, cancellation)));
        return answers;
    }

    private static EditModule? Checked(EditModule? module, Transformer model)
    {
        module?.Check(model);
        return module;
    }

    private static int[][] Prompts(IReadOnlyList<Sequence> sequences) =>
        [.. sequences.Select(sequence => sequence.Ids[..sequence.TargetStart])];

    private static Sequence[] Asked(RoutedGroup group, IReadOnlyList<Sequence> sequences) =>
        [.. group.Members.Select(member => new Sequence(
        [.. member.Prompt, .. sequences[member.Index].Ids[sequences[member.Index].TargetStart..]], member.Prompt.Length))];

    private void Enter(List<RoutedGroup> routes, Action<RoutedGroup> ask)
    {
        foreach (var group in routes)
        {
            using var entered = module!.Enter(model, group.Variant, group.Length);
            ask(group);
        }
    }

    private List<RoutedGroup> Routes(int[][] prompts)
    {
        if (module is null) return [];
        var routes = module.Route(model, prompts);
        return [.. Enumerable.Range(0, prompts.Length).Where(i => routes[i] is not null)
            .GroupBy(i => (routes[i]!.Variant, routes[i]!.Prompt.Length))
            .OrderBy(group => group.Key)
            .Select(group => new RoutedGroup(group.Key.Variant, group.Key.Length, [.. group.Select(i => (i, routes[i]!.Prompt))]))];
    }

    private sealed record RoutedGroup(int Variant, int Length, IReadOnlyList<(int Index, int[] Prompt)> Members)
    {
        public void Keep<T>(T[] answers, IEnumerable<T> own)
        {
            foreach (var (member, answer) in Members.Zip(own))
                answers[member.Index] = answer;
        }
    }
}
