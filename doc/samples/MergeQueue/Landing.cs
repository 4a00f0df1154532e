using System.Security.Cryptography;
using System.Text;
using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Orchestration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samples;

namespace MergeQueue;

/// <summary>Runs the queue until every branch is decided, and tells how that has ended.</summary>
internal static class Landing
{
    public sealed record Request(string Repository, string Target, string State, int Attempts, string[] Branches, string[] Command, Uri? Buildbot, string? Pause)
    {
        /// <summary>Gets what verifies.</summary>
        public string Verifier => Buildbot?.AbsoluteUri ?? string.Join(' ', Command);
    }

    // A branch is not to blame for what the machine or the CI does.
    private static readonly RetryOptions Retry = new() { MaxAttempts = 3, Delay = TimeSpan.FromSeconds(1) };

    public static async Task<int> RunAsync(Request request, CancellationToken cancellationToken)
    {
        if (Platform.WhyNot(OperatingSystem.IsLinux()) is { } sentence)
        {
            await SayAsync(sentence);
            return ExitCodes.Rejected;
        }

        try
        {
            List<Entry> entries = [.. request.Branches.Select(static branch => new Entry(branch))];
            await LandAsync(request, entries, cancellationToken);
            return await ReportAsync(entries);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Also where the output is a terminal that was closed.
            await SayAsync("Interrupted; start again to go on.");
            return ExitCodes.SomeUndecided;
        }
        catch (Exception exception)
        {
            await SayAsync(exception.Message);
            return ExitCodes.Rejected;
        }
    }

    private static async Task LandAsync(Request request, List<Entry> entries, CancellationToken cancellationToken)
    {
        var directory = Path.GetFullPath(request.State);
        var isNew = !Directory.Exists(directory);

        // Builds for another target, or by another command, are other builds.
        var what = string.Join('\0', [request.Target, request.Buildbot?.AbsoluteUri, .. request.Command]);
        var runner = $"{(request.Buildbot is null ? "git" : "buildbot")}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)))[..16]}";
        Board board = new(entries);
        using Trouble trouble = new(board.Say);
        var host = CreateHost(request, runner, directory, trouble, isNew);
        try
        {
            await host.StartAsync(cancellationToken);
            isNew = false;
            Console.WriteLine($"Landing {string.Join(", ", request.Branches)} on {request.Target}, each verified with: {request.Verifier}");

            // Two queues would cancel each other's builds.
            await using FileStream alone = new(Path.Combine(directory, "merge-queue.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var merged = host.Services.GetRequiredKeyedService<IBuildRunner>(runner).As<IMergedRefs>()!;
            var tip = host.Services.GetRequiredService<Start>().Tip;
            var builds = host.Services.GetRequiredService<IBuildOrchestrator>();
            await (request.Pause is { } why
                ? builds.SetPauseAsync(runner, new() { Holds = true, By = Environment.UserName, Reason = why }, cancellationToken)
                : builds.ResumeAsync(runner, Environment.UserName, cancellationToken: cancellationToken));
            Queue queue = new(builds, merged, request.Target, tip, entries, runner, request.Attempts, Path.Combine(directory, "merge-queue.landed"));
            await queue.RecallAsync(cancellationToken);
            await ShowAsync(queue, board, host.Services.GetRequiredService<Wake>(), trouble, cancellationToken);
        }
        finally
        {
            // What runs is stopped, and begins again at the next start.
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
            if (isNew && Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static IHost CreateHost(Request request, string runner, string directory, Trouble trouble, bool isNew)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(trouble);
        if (request.Buildbot is { } url)
        {
            Directory.CreateDirectory(directory);
            builder.Services.AddKeyedBuildbotBuildRunner(runner, options => (options.Url, options.Builder, options.Scheduler) = (url, "verify-merged", "force-merged"));
        }
        else
        {
            builder.Services.AddKeyedGitBuildRunner(runner, options =>
            {
                options.Repository = request.Repository;
                options.RepositoryName = Queue.Repository;
                options.TargetBranch = request.Target;
                options.Command = request.Command;
                options.StateDirectory = directory;
                options.Concurrency = Environment.ProcessorCount;
            });
        }

        builder.Services.AddMergedRefs(runner, options =>
        {
            options.Repository = request.Repository;
            options.Remote = RootOf(request.Repository);
            options.RepositoryName = Queue.Repository;
            options.TargetBranch = request.Target;

            // A CI builds branches. Here they would only be in the way.
            options.RefPrefix = request.Buildbot is null ? "refs/merge-queue/" : "refs/heads/build/";
            options.StateDirectory = Path.Combine(directory, "merged");

            // What has succeeded is not run again where only what is below it has landed, or where this is started again.
            options.ReuseFor = options.RefRetention;
        });
        builder.Services.AddSingleton(provider => new Start(provider, runner, request, isNew));
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<Start>());
        builder.Services.AddSingleton<Wake>();
        builder.Services.AddBuildOrchestration()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, "builds.db") }.ConnectionString)
            .AddRunner(runner, options =>
            {
                options.Retry = Retry;
                options.MaxInFlight = request.Buildbot is null ? Environment.ProcessorCount : null;
            })
            .AddObserver<Wake>();
        return builder.Build();
    }

    // A remote is a repository, and not a directory in one.
    private static string RootOf(string path)
    {
        for (var directory = new DirectoryInfo(path); directory is not null; directory = directory.Parent)
        {
            if (Path.Exists(Path.Combine(directory.FullName, ".git")))
            {
                return directory.FullName;
            }
        }

        return Path.GetFullPath(path);
    }

    private static Task ShowAsync(Queue queue, Board board, Wake wake, Trouble trouble, CancellationToken cancellationToken) => board.ShowAsync(async show =>
    {
        while (!await queue.AdvanceAsync(cancellationToken))
        {
            if (show())
            {
                trouble.Forget();
            }

            await wake.WaitAsync(cancellationToken);
        }

        show();
    });

    private static async Task<int> ReportAsync(List<Entry> entries)
    {
        foreach (var entry in entries)
        {
            var sentence = entry.State switch
            {
                State.Dropped => $"'{entry.Branch}' was dropped: {entry.Reason}.",
                State.Gone => $"'{entry.Branch}' is gone: {entry.Reason}.",
                State.Unverified => $"'{entry.Branch}' could not be verified ({entry.Reason}); start again to try again.",
                _ => null,
            };
            if (sentence is not null)
            {
                await SayAsync(sentence.ReplaceLineEndings(" "));
            }
        }

        return entries.Exists(static entry => entry.State == State.Unverified) ? ExitCodes.SomeUndecided
            : entries.Exists(static entry => entry.State is State.Dropped or State.Gone) ? ExitCodes.SomeDropped
            : ExitCodes.AllLanded;
    }

    private static async Task SayAsync(string sentence)
    {
        try
        {
            await Console.Error.WriteLineAsync(sentence);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A terminal that was closed; the exit code says it as well.
        }
    }
}
