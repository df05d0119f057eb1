namespace Harness.Running;

/// <summary>
/// The environment variables that fix which code paths of the numerical libraries run. They act only if they are set before a process
/// starts, so they are set for every worker here and for the main program by build.sh.
/// </summary>
public static class NumericsEnvironment
{
    /// <summary>The values of <c>--numerics</c>: AVX2 kernels everywhere, or the best that the machine has.</summary>
    public const string Portable = "portable", Fast = "fast";

    // MKL takes its best kernels, and the same ones in every run: unset, it may choose by where in memory an operand happens to lie.
    private const string Mkl = "MKL_CBWR", MklFast = "AUTO";

    /// <summary>Variable → value: AVX2 kernels. <c>--numerics=fast</c> has none of them, but <c>MKL_CBWR=AUTO</c>.</summary>
    public static IReadOnlyDictionary<string, string> Kernels { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["ATEN_CPU_CAPABILITY"] = "avx2",
        ["DNNL_MAX_CPU_ISA"] = "AVX2",
        [Mkl] = "AVX2,STRICT",
        ["ONEDNN_MAX_CPU_ISA"] = "AVX2",
    };

    /// <summary>
    /// Variable → value, in <c>--numerics=fast</c> too: one thread in a process (parallelism comes from workers), deterministic CUDA, and
    /// no garbage collection on a thread beside the computing one.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Always { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8",
        ["DOTNET_gcConcurrent"] = "0",
        ["MKL_NUM_THREADS"] = "1",
        ["NVIDIA_TF32_OVERRIDE"] = "0",
        ["OMP_DYNAMIC"] = "FALSE",
        ["OMP_NUM_THREADS"] = "1",
    };

    /// <summary>Whether this process was started with the portable kernels.</summary>
    public static bool IsPinned => Kernels.All(variable => Environment.GetEnvironmentVariable(variable.Key) == variable.Value);

    /// <summary>Sets what a worker is started with.</summary>
    /// <param name="environment">The worker's environment, as this process's.</param>
    /// <param name="isFast">Whether it takes the machine's best kernels.</param>
    public static void Set(IDictionary<string, string?> environment, bool isFast)
    {
        foreach (var (name, value) in Always) environment[name] = value;
        foreach (var (name, value) in Kernels)
        {
            if (isFast) environment.Remove(name);
            else environment[name] = value;
        }

        if (isFast) environment[Mkl] = MklFast;
    }
}
