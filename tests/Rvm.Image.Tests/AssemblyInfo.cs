// Two virtual machines at a time would make each other's time-outs expire.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
