using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Git.Benchmarks;

/// <summary>Runs all measurements in the same way, so that their figures can be compared.</summary>
internal static class Measurement
{
    // More often than any caller would ask, because it is the build that is measured and not the polling.
    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(1);

    public static ServiceProvider CreateRunner(string repository, string[] command, string state, int concurrency = 1) =>
        new ServiceCollection().AddGitBuildRunner(options =>
        {
            options.Repository = repository;
            options.RepositoryName = Sample.RepositoryName;
            options.TargetBranch = "main";
            options.Command = command;
            options.Concurrency = concurrency;
            options.StateDirectory = state;
        }).BuildServiceProvider();

    public static Task<BuildId> TriggerAsync(IBuildRunner runner, params IEnumerable<string> heads) =>
        runner.TriggerAsync([], [.. heads.Select(static head => GitChange.Create("localhost", Sample.RepositoryName, "refs/heads/head", head))]);

    public static async Task BuildAsync(IBuildRunner runner, params IEnumerable<string> heads) =>
        await WaitForEndAsync(runner, await TriggerAsync(runner, heads), PollDelay);

    public static async Task WaitForEndAsync(IBuildRunner runner, BuildId buildId, TimeSpan pollDelay)
    {
        BuildSnapshot snapshot;
        while (!(snapshot = await runner.StatusAsync(buildId)).Status.IsTerminal())
        {
            await Task.Delay(pollDelay);
        }

        if (snapshot.Status != BuildStatus.Succeeded)
        {
            throw new InvalidOperationException($"The build '{buildId}' has {snapshot.Status}: {string.Join(", ", snapshot.Metadata)}");
        }
    }

    /// <summary>Gets the milliseconds that work takes.</summary>
    public static async Task<double> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    public static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    public static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
