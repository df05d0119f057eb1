// Live tensors are counted per process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
