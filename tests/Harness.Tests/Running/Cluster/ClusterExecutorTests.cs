using Harness.Measuring.Cells;
using Harness.Planning;
using Harness.Running;
using Harness.Running.Cluster;
using Harness.Tests.Declarations;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running.Cluster;

/// <summary>The front end, on a Slurm of the test's: what it shows of the queue at each look is written down beforehand.</summary>
public sealed class ClusterExecutorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;
    private readonly PlannedCell model = Cell("model", CellKind.Model);
    private readonly PlannedCell edit;
    private readonly List<string> said = [];
    private readonly FakeSlurm slurm;
    private readonly ClusterRun run;
    private ClusterFile cluster = new() { Poll = 0, Workers = 3 };

    public ClusterExecutorTests()
    {
        store = new CellStore(folder.Path);
        edit = Cell("edit", CellKind.Edit, model);
        run = ClusterRun.Of(store, [edit], ["--target=Table1"]);
        slurm = new FakeSlurm(run.JobName + "-all");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Workers_are_submitted_once_and_waited_for()
    {
        slurm.Looks(Empty, Seen("1_0 RUNNING", "1_1 PENDING"), Then(() => Store(store, model)), Seen("1_0 RUNNING", "1_1 PENDING"),
            Then(() => Store(store, edit)));
        Assert.True(Run());
        var options = Assert.Single(slurm.Submitted);
        Assert.Equal([$"--job-name={run.JobName}-all", "--array=0-1", "-N1", "-n1", "-c1", "--mem=4G", "--time=60"], options.Take(7));
        Assert.Contains("--no-requeue", options);
        Assert.Equal(
            [$"run {run.Id}: 2 workers of class 'all' submitted as job 1", "0/2 cells, 1 workers run, 1 wait (Priority)",
                "1/2 cells, 1 workers run, 1 wait (Priority)"], said);
        Assert.Equal([$"{run.JobName}-all"], slurm.Cancelled);
        var script = File.ReadAllText(Path.Combine(run.Folder, "all.sh"));
        Assert.Contains($"export HARNESS_DUTY='{run.Folder}\nall\n\ncafe'", script, StringComparison.Ordinal);
        Assert.EndsWith("exec 'dotnet' 'it'\\''s.dll' --jobs=1\n", script, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_there_needs_no_cluster()
    {
        Store(store, model);
        Store(store, edit);
        Assert.True(Run());
        Assert.Empty(slurm.Submitted);
    }

    [Fact]
    public void Detached_it_leaves_and_the_same_command_finds_the_workers_again()
    {
        slurm.Looks(Empty);
        Assert.False(Run(isDetached: true));
        Assert.StartsWith($"run {run.Id}: its workers go on", said[^1], StringComparison.Ordinal);
        slurm.Looks(Seen("1_0 RUNNING"), Then(() => Store(store, model)), Then(() => Store(store, edit)), Seen("1_0 COMPLETED"));
        Assert.True(Run());
        Assert.Single(slurm.Submitted);
        Assert.Contains($"run {run.Id}: found again, 1 worker of it", said);
    }

    [Fact]
    public void A_lost_node_s_claim_is_taken_back_and_another_worker_asked_for()
    {
        var draft = Path.Combine(store.Folder, $"tmp-{model.Key}.1");
        Directory.CreateDirectory(draft);
        File.WriteAllText(Path.Combine(draft, DraftOwner.FileName),
            CanonicalJson.ToText(DraftOwner.This() with { Machine = "n7", Process = 1, Job = "1_0" }));
        run.Note("1_0", ["model"]);
        slurm.Looks(Empty, Seen("1_0 RUNNING"), Then(() => Assert.True(Directory.Exists(draft))), Seen("1_0 NODE_FAIL"),
            Then(() => Assert.False(Directory.Exists(draft))), Then(() => Store(store, model)), Then(() => Store(store, edit)),
            Seen("1_0 NODE_FAIL"));
        Assert.True(Run());
        Assert.Equal(2, slurm.Submitted.Count);
        Assert.Contains($"worker 1_0 was lost at model on {Environment.MachineName} (NODE_FAIL): another takes over", said);
    }

    [Fact]
    public void Who_runs_out_of_memory_gets_twice_of_it_once()
    {
        run.Note("2_0", ["model"]);
        slurm.Looks(Empty, Seen("1_0 OUT_OF_MEMORY"), Seen("1_0 OUT_OF_MEMORY", "2_0 OUT_OF_MEMORY"));
        Assert.Equal($"worker 2_0 ran out of memory at model on {Environment.MachineName}, with twice what class 'all' asks for; "
            + "give the class more 'memory' in the cluster's file", Assert.Throws<InputException>(() => Run()).Message);
        Assert.Equal(["--mem=4G", "--mem=8G"], slurm.Submitted.Select(options => options[5]));
    }

    [Fact]
    public void Who_reaches_the_time_limit_gets_twice_of_it_as_far_as_the_user_allows()
    {
        cluster = cluster with { LongestMinutes = 100 };
        slurm.Looks(Empty, Seen("1_0 TIMEOUT"), Seen("1_0 TIMEOUT", "2_0 TIMEOUT"), Then(() => Store(store, model)),
            Then(() => Store(store, edit)), Empty);
        Assert.True(Run());
        Assert.Equal(["--time=60", "--time=100", "--time=100"], slurm.Submitted.Select(options => options[6]));
    }

    [Fact]
    public void Whoever_cancels_the_workers_ends_the_run()
    {
        slurm.Looks(Empty, Seen("1_0 RUNNING"), Seen("1_0 CANCELLED"));
        Assert.StartsWith($"Cancelled: somebody ended the workers of run {run.Id}",
            Assert.Throws<WorkersLeftException>(() => Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Right_behind_a_cancelled_run_the_same_command_begins_anew()
    {
        slurm.Looks(Seen("1_0 COMPLETING"), Seen("1_0 CANCELLED"), Then(() => Store(store, model)), Then(() => Store(store, edit)), Empty);
        Assert.True(Run());
        Assert.Single(slurm.Submitted);
    }

    [Fact]
    public void A_cell_that_fails_ends_the_run_as_on_one_machine_once_nothing_else_can_be_made()
    {
        slurm.Looks(Empty, Then(() => run.Fail(new CellFailure(model, "no such file", IsInput: true))), Seen("1_0 RUNNING"));
        Assert.Equal("1 of 2 cells failed; those that could be computed are kept:\n  model: no such file",
            Assert.Throws<InputException>(() => Run()).Message);
        Assert.True(run.HasFailed(model.Key));

        // Tried again, it is forgotten.
        slurm.Looks(Empty, Then(() => Store(store, model)), Then(() => Store(store, edit)), Empty);
        Assert.True(Run());
        Assert.Empty(run.Failures());
    }

    [Fact]
    public void Workers_that_make_nothing_are_not_asked_for_for_ever()
    {
        File.WriteAllText(Path.Combine(run.Logs, "3_0.log"), "bash: module: command not found\n");
        slurm.Looks(Empty, Seen("1_0 FAILED"), Seen("1_0 FAILED", "2_0 FAILED"), Seen("1_0 FAILED", "2_0 FAILED", "3_0 FAILED"));
        var message = Assert.Throws<RunFailedException>(() => Run()).Message;
        Assert.StartsWith(
            $"workers of run {run.Id} end without making any of the 2 cells left (1_0 FAILED; 2_0 FAILED; 3_0 FAILED); ", message,
            StringComparison.Ordinal);
        Assert.EndsWith("the last one's log says:\n    bash: module: command not found", message, StringComparison.Ordinal);
        Assert.Equal(3, slurm.Submitted.Count);
    }

    [Fact]
    public void A_store_that_the_nodes_do_not_see_is_guessed()
    {
        slurm.Looks(Empty, Seen("1_0 FAILED"), Seen("1_0 FAILED", "2_0 FAILED"), Seen("1_0 FAILED", "2_0 FAILED", "3_0 FAILED"));
        Assert.Contains($"they left no log in {run.Logs}: do the nodes see that folder?",
            Assert.Throws<RunFailedException>(() => Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_controller_is_asked_again()
    {
        slurm.Looks(Empty, Seen("1_0 RUNNING"), new SlurmException("squeue: Unable to contact slurm controller (connect failure)"),
            Seen("1_0 RUNNING"), Then(() => Store(store, model)), Then(() => Store(store, edit)), Empty);
        Assert.True(Run());
        Assert.Contains(said, line => line.StartsWith("Slurm does not answer (squeue: Unable", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_says_what_to_correct()
    {
        slurm.Refusal = new SlurmException("sbatch: Invalid partition name specified");
        slurm.Looks(Empty);
        Assert.Equal(
            "sbatch: Invalid partition name specified; correct it in the cluster's file (--slurm), or ask who administers the cluster",
            Assert.Throws<InputException>(() => Run()).Message);
    }

    [Fact]
    public void Where_limits_let_in_fewer_workers_fewer_are_asked_for()
    {
        slurm.Refusal = new SlurmException("sbatch: QOSMaxSubmitJobPerUserLimit");
        slurm.RefusesFrom = 2;
        slurm.Looks(Empty, Then(() => Store(store, model)), Then(() => Store(store, edit)), Empty);
        Assert.True(Run());
        Assert.Equal("--array=0-0", Assert.Single(slurm.Submitted)[1]);
    }

    [Fact]
    public void Status_tells_what_runs_are_at_and_Cancel_ends_them()
    {
        Store(store, model);
        run.Note("1_0", ["edit"]);
        run.Fail(new CellFailure(Cell("bad"), "no\nway", IsInput: false));
        slurm.Looks(Seen("1_0 RUNNING", "1_1 PENDING"));
        var status = new ClusterStatus(store, slurm);
        Assert.Equal(
            [$"run {run.Id}: 1 of 2 cells, 1 worker run, 1 wait (Priority): ./build.sh --target=Table1",
                $"  1_0 on {Environment.MachineName}: edit", "  failed: bad: no"], status.Lines(null));
        Assert.StartsWith($"run {run.Id}: 2 workers cancelled; ", Assert.Single(status.Cancel(run.Id)), StringComparison.Ordinal);
        Assert.Equal($"--run: found 'x', expected one of {run.Id}", Assert.Throws<InputException>(() => status.Cancel("x")).Message);
        Assert.True(CellStore.Holds(Path.Combine(store.Folder, "runs")));
    }

    private static string[] Empty => [];

    private static string[] Seen(params string[] tasks) => tasks;

    private static Action Then(Action happens) => happens;

    private bool Run(bool isDetached = false) => new ClusterExecutor(store, run, cluster, slurm, new ClusterProgram(
        ["dotnet", "it's.dll"], new Dictionary<string, string>(), folder.Path, null, "cafe"), said.Add, TimeProvider.System)
        .Run([edit], isDetached, default);

    // Each look at the queue takes what happens before it, and then what is to be seen.
    private sealed class FakeSlurm(string job) : ISlurm
    {
        private readonly Queue<object> script = new();
        private string[] last = [];

        public List<IReadOnlyList<string>> Submitted { get; } = [];

        public List<string> Cancelled { get; } = [];

        public SlurmException? Refusal { get; set; }

        public int RefusesFrom { get; set; }

        public void Looks(object first, params object[] more)
        {
            foreach (var look in (object[])[first, .. more]) script.Enqueue(look);
        }

        public string Submit(IReadOnlyList<string> options, string script)
        {
            if (Refusal is not null && (RefusesFrom == 0 || options[1] != "--array=0-0")) throw Refusal;
            Submitted.Add(options);
            return $"{Submitted.Count}";
        }

        public IReadOnlyList<SlurmTask> Queue(string prefix)
        {
            while (script.TryDequeue(out var next))
            {
                if (next is Action happens)
                {
                    happens();
                    continue;
                }

                if (next is SlurmException silence) throw silence;
                last = (string[])next;
                break;
            }

            return [.. last.Select(line => new SlurmTask(line.Split(' ')[0], job, line.Split(' ')[1], "Priority"))];
        }

        public void Cancel(string name) => Cancelled.Add(name);

        public int? LargestArray() => 1000;
    }
}
