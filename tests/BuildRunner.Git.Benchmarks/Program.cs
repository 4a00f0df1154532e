using BuildRunner;
using BuildRunner.Git.Benchmarks;
using Microsoft.Extensions.DependencyInjection;

// Not with BenchmarkDotNet: what is measured are processes, side by side in one run, in turns, so that other load hits both alike.
const int Rounds = 100;
const int Passes = 5;

// A runner lives for days, and compiles itself in its first seconds. Without these, that is measured: it takes one of two cores until about the 400th build.
const int WarmUpPasses = 3;
const int Throughput = 200;
const int Concurrency = 2;
const int Stored = 1000;
string[] command = args is ["files", .. var arguments] ? arguments : args;
command = command is { Length: > 0 } ? command : ["/bin/true"];

var directory = Directory.CreateTempSubdirectory("buildrunner-benchmark-").FullName;
try
{
    if (args is ["history"])
    {
        await new LongHistory(directory).RunAsync();
        return;
    }

    if (args is ["files", ..])
    {
        await new ManyFiles(directory).RunAsync(command);
        return;
    }

    Sample sample = new(directory);
    await sample.CreateAsync(Throughput);
    Script script = new(sample, directory);
    await script.CreateAsync(Concurrency);
    await using var provider = Measurement.CreateRunner(sample.Path, command, Path.Combine(directory, "state"), Concurrency);
    var runner = provider.GetRequiredService<IBuildRunner>();

    for (var pass = 0; pass < WarmUpPasses; pass++)
    {
        await RunScriptsAsync(sample, script);
        await RunBuildsAsync(sample, runner);
    }

    await MeasureOneAsync(sample, script, runner);
    await MeasureManyAsync(sample, script, runner);
    await MeasureStatusAsync(sample, runner);
}
finally
{
    Directory.Delete(directory, recursive: true);
}

async Task MeasureOneAsync(Sample sample, Script script, IBuildRunner runner)
{
    List<double> scripts = [];
    List<double> builds = [];
    foreach (var head in sample.Heads.Take(Rounds))
    {
        scripts.Add(await Measurement.TimeAsync(() => script.RunAsync(head, tree: 0, command)));
        builds.Add(await Measurement.TimeAsync(() => Measurement.BuildAsync(runner, head)));
    }

    var (scriptMedian, buildMedian) = (Measurement.Median(scripts), Measurement.Median(builds));
    Measurement.Print($"one build, p50 of {Rounds}: script {scriptMedian:F1} ms, runner {buildMedian:F1} ms; allowed {(1.25 * scriptMedian) + 10:F1} ms");
}

async Task MeasureManyAsync(Sample sample, Script script, IBuildRunner runner)
{
    List<double> scripts = [];
    List<double> builds = [];
    for (var pass = 0; pass < Passes; pass++)
    {
        scripts.Add(await Measurement.TimeAsync(() => RunScriptsAsync(sample, script)));
        builds.Add(await Measurement.TimeAsync(() => RunBuildsAsync(sample, runner)));
    }

    var (byScript, byRunner) = (Measurement.Median(scripts), Measurement.Median(builds));
    Measurement.Print($"{Throughput} builds, {Concurrency} at a time, p50 of {Passes}: script {byScript:F0} ms, runner {byRunner:F0} ms, {byRunner / byScript:F2} times as long; allowed 1.5 times");
}

Task RunScriptsAsync(Sample sample, Script script)
{
    var next = -1;
    return Task.WhenAll(Enumerable.Range(0, Concurrency).Select(async tree =>
    {
        while (Interlocked.Increment(ref next) is var index && index < Throughput)
        {
            await script.RunAsync(sample.Heads[index], tree, command);
        }
    }));
}

async Task RunBuildsAsync(Sample sample, IBuildRunner runner)
{
    // One after the other and not too often, so that it is not the polling that is measured.
    foreach (var buildId in await Task.WhenAll(sample.Heads.Select(head => Measurement.TriggerAsync(runner, head))))
    {
        await Measurement.WaitForEndAsync(runner, buildId, TimeSpan.FromMilliseconds(10));
    }
}

async Task MeasureStatusAsync(Sample sample, IBuildRunner runner)
{
    List<BuildId> ids = [];
    while (ids.Count < Stored)
    {
        ids.AddRange(await Task.WhenAll(sample.Heads.Select(head => Measurement.TriggerAsync(runner, head))));
    }

    foreach (var buildId in ids)
    {
        await Measurement.WaitForEndAsync(runner, buildId, TimeSpan.FromMilliseconds(10));
    }

    List<double> times = [];
    foreach (var buildId in ids)
    {
        times.Add(await Measurement.TimeAsync(() => runner.StatusAsync(buildId)));
    }

    Measurement.Print($"status with {ids.Count} builds and more stored: p50 {Measurement.Median(times):F3} ms; allowed 1 ms");
}
