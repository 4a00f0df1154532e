using System.Security.Cryptography;
using System.Text;
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
    public sealed record Request(string Repository, string Target, string State, int Attempts, string[] Branches, string[] Command);

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
        Branches branches = new(request.Repository, request.Target);
        var commits = await branches.ReadAsync(request.Branches, cancellationToken);
        await branches.CheckTargetAsync(cancellationToken);
        var directory = Path.GetFullPath(request.State);
        if (!Directory.Exists(directory) && request.Branches.FirstOrDefault(branch => !commits.ContainsKey(branch)) is { } missing)
        {
            throw branches.Missing(missing);
        }

        Console.WriteLine($"Landing {string.Join(", ", request.Branches)} on {request.Target}, each verified with: {string.Join(' ', request.Command)}");

        // Builds for another target, or by another command, are other builds.
        var runner = $"git-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [request.Target, .. request.Command]))))[..16]}";
        var root = await branches.RootAsync(commits[request.Target], cancellationToken);
        Board board = new(entries);
        using Trouble trouble = new(board.Say);
        using var host = CreateHost(runner, directory, trouble, options =>
        {
            options.Repository = request.Repository;
            options.RepositoryName = Queue.Repository;
            options.Command = request.Command;

            // What is verified has all of the target already. On the first commit of that it stays as it is; on the tip, whoever pushes before the build is triggered would change it.
            options.TargetBranch = root;
        });
        try
        {
            await host.StartAsync(cancellationToken);

            // Two queues would cancel each other's builds.
            await using FileStream alone = new(Path.Combine(directory, "merge-queue.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var merges = await Merges.OpenAsync(Path.Combine(directory, "merges.git"), request.Repository, cancellationToken);
            Queue queue = new(host.Services.GetRequiredService<IBuildOrchestrator>(), branches, merges, entries, runner, request.Attempts);
            await queue.RecallAsync(cancellationToken);
            await ShowAsync(queue, board, host.Services.GetRequiredService<Wake>(), trouble, cancellationToken);
        }
        finally
        {
            // What runs is stopped, and begins again at the next start.
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static IHost CreateHost(string runner, string directory, Trouble trouble, Action<GitBuildRunnerOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(trouble);
        builder.Services.AddKeyedGitBuildRunner(runner, options =>
        {
            options.StateDirectory = directory;
            options.MaxConcurrency = Environment.ProcessorCount;
            configure(options);
        });
        builder.Services.AddSingleton<Wake>();
        builder.Services.AddQueue().UseSqlite(new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, "builds.db") }.ConnectionString);
        builder.Services.AddBuildOrchestration().AddRunner(runner).AddObserver<Wake>();
        return builder.Build();
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
