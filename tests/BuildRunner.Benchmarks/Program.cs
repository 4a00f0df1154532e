using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using BuildRunner.Benchmarks;
using BuildRunner.Benchmarks.Http;
using BuildRunner.Benchmarks.Orchestration;
using BuildRunner.Benchmarks.Queue;

if (args is ["queue", .. var queueArguments])
{
    return await QueueBenchmark.RunAsync(queueArguments);
}

if (args is ["queue-level", .. var levelArguments])
{
    return await LevelBenchmark.RunAsync(levelArguments);
}

if (args is ["horizon", .. var horizonArguments])
{
    return await HorizonBenchmark.RunAsync(horizonArguments);
}

if (args is ["orchestration", .. var orchestrationArguments])
{
    return await OrchestrationBenchmark.RunAsync(orchestrationArguments);
}

if (args is ["line", .. var lineArguments])
{
    return await LineBenchmark.RunAsync(lineArguments);
}

if (args is ["load", .. var loadArguments])
{
    return await LoadBenchmark.RunAsync(loadArguments);
}

if (args is ["load-process", .. var processArguments])
{
    return await LoadWorker.RunAsync(processArguments);
}

if (args is ["pairs", .. var pairsArguments])
{
    return await Pairs.RunAsync(pairsArguments);
}

if (args is ["http", .. var httpArguments])
{
    return await HttpBenchmark.RunAsync(httpArguments);
}

// The minimum too: on a machine that does other things it says more than the mean.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(Jobs.Brief).AddColumn(StatisticColumn.Min, StatisticColumn.Median));
return 0;
