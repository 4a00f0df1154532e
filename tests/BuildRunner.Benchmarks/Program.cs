using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using BuildRunner.Benchmarks;

// The minimum too: on a machine that does other things it says more than the mean.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(Jobs.Brief).AddColumn(StatisticColumn.Min, StatisticColumn.Median));
