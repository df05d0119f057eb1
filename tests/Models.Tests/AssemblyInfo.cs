// Tests of leaks count the live tensors of the whole process, so nothing may run beside them.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
