namespace Harness.Experiments.Running;

/// <summary>
/// The environment variables that fix which code paths of the numerical libraries run. They act only if they are set before a process
/// starts, so they are set for every worker here and for the main program by build.sh.
/// </summary>
public static class NumericsEnvironment
{
    /// <summary>
    /// Variable → value: AVX2 kernels everywhere, one thread in a process (parallelism comes from workers), deterministic CUDA.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["ATEN_CPU_CAPABILITY"] = "avx2",
        ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8",
        ["DNNL_MAX_CPU_ISA"] = "AVX2",
        ["MKL_CBWR"] = "AVX2,STRICT",
        ["MKL_NUM_THREADS"] = "1",
        ["NVIDIA_TF32_OVERRIDE"] = "0",
        ["OMP_DYNAMIC"] = "FALSE",
        ["OMP_NUM_THREADS"] = "1",
        ["ONEDNN_MAX_CPU_ISA"] = "AVX2",
    };
}
