using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Orchestration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using QuickStart.Views;
using Samples;

namespace QuickStart;

/// <summary>Verifies revisions and shows the build's life.</summary>
internal static class Verification
{
    public sealed record Request(string Repository, string? Target, string[] Base, string[] Head, string? State, TimeSpan? Timeout, bool Reuse, bool Blame, string[]? Command);

    public static async Task<int> RunAsync(Request request, IBuildView view, CancellationToken cancellationToken)
    {
        if (Platform.WhyNot(OperatingSystem.IsLinux()) is { } sentence)
        {
            await SayAsync(sentence);
            return ExitCodes.Rejected;
        }

        try
        {
            await using var shown = view;
            await Revision.CheckRepositoryAsync(request.Repository, cancellationToken);
            var target = await FindTargetAsync(request, cancellationToken);
            var @base = await FindAllAsync(request.Repository, request.Base, cancellationToken);
            var head = await FindAllAsync(request.Repository, request.Head, cancellationToken);
            var command = request.Command ?? await FindCommandAsync(request.Repository, head[0], cancellationToken);
            var state = request.State ?? await FindStateAsync(request.Repository, cancellationToken);
            view.Begin($"Verifying {string.Join(", ", head)} on {string.Join(", ", [target, .. @base])} with: {string.Join(' ', command)}");
            using Trouble trouble = new(view.Say);
            object way = new { target.CommitId, command, request.Timeout, request.Reuse, request.Blame };
            await using var following = await Following.StartAsync(state, options => Configure(options, request, state, target, command), way, trouble, cancellationToken);
            var build = await following.BeginAsync(new BuildRequest { Base = [.. @base.Select(static revision => revision.ToChange())], Head = [.. head.Select(static revision => revision.ToChange())] }, TimeoutOf(request), cancellationToken);
            return await FollowAsync(following, build.Id, view, trouble, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SayAsync("Cancelled before a build was triggered.");
            return ExitCodes.Cancelled;
        }
        catch (Exception exception) when (exception is RejectedException or BuildRunnerException or OptionsValidationException or SqliteException or IOException or UnauthorizedAccessException)
        {
            await SayAsync(exception.Message);
            return ExitCodes.Rejected;
        }
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

    private static async Task<int> FollowAsync(Following following, Guid id, IBuildView view, Trouble trouble, CancellationToken cancellationToken)
    {
        Build last;
        try
        {
            view.Logs = following.Logs;
            last = await ShowAsync(following, id, view, trouble, cancellationToken);
            if (last.BuildId is { } buildId)
            {
                await view.EndAsync(buildId, SnapshotOf(last));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody can see it any more.
            await following.CancelAsync(id);
            await foreach (var _ in following.WatchAsync(id, CancellationToken.None))
            {
            }

            throw new RejectedException($"The output could not be written ({exception.Message}); the build has been cancelled.");
        }

        return last.Status switch
        {
            BuildStatus.Succeeded => ExitCodes.Succeeded,
            BuildStatus.Cancelled => ExitCodes.Cancelled,
            _ when last.BuildId is null => throw new RejectedException(last.Note ?? "The build could not be triggered."),
            _ => ExitCodes.Failed,
        };
    }

    private static async Task<Build> ShowAsync(Following following, Guid id, IBuildView view, Trouble trouble, CancellationToken cancellationToken)
    {
        Build? last = null;
        try
        {
            await foreach (var build in following.WatchAsync(id, cancellationToken))
            {
                trouble.Forget();
                Show(view, last, build);
                last = build;
            }
        }
        catch (OperationCanceledException)
        {
            view.ShowCancelling();
            await following.CancelAsync(id);
            await foreach (var build in following.WatchAsync(id, CancellationToken.None))
            {
                trouble.Forget();
                Show(view, last, build);
                last = build;
            }
        }

        return last!;
    }

    private static void Show(IBuildView view, Build? last, Build build)
    {
        if (build.BuildId is { } buildId && (last?.BuildId != buildId || last.Status != build.Status || !last.Metadata.Equals(build.Metadata)))
        {
            view.Show(buildId, SnapshotOf(build));
        }
    }

    private static BuildSnapshot SnapshotOf(Build build) => new()
    {
        Status = build.Status,
        Metadata = build.Note is { } note ? build.Metadata.SetItems([new("note", note)]) : build.Metadata,
    };

    private static TimeSpan TimeoutOf(Request request) => (request.Blame ? 2 : 1) * (request.Timeout ?? new GitBuildRunnerOptions().Timeout);

    private static async Task<string> FindStateAsync(string repository, CancellationToken cancellationToken)
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0
            ? Path.Combine(data, "BuildRunner.QuickStart", await Revision.NameRepositoryAsync(repository, cancellationToken))
            : throw new RejectedException("There is no directory for the data of this user; name one with --state.");
    }

    private static async Task<string[]> FindCommandAsync(string repository, Revision head, CancellationToken cancellationToken)
    {
        const string Project = "src/BuildRunner";
        return await head.HasAsync(repository, Project, cancellationToken)
            ? ["dotnet", "build", Project]
            : throw new RejectedException("Name the command that verifies the repository, after the options and --, such as: -- make test");
    }

    private static async Task<Revision> FindTargetAsync(Request request, CancellationToken cancellationToken)
    {
        if (request.Target is { } target)
        {
            return await Revision.FindAsync(request.Repository, target, hint: null, cancellationToken);
        }

        var first = await Revision.FindAsync(request.Repository, request.Head[0], hint: null, cancellationToken);
        return await Revision.FindAsync(
            request.Repository,
            first.Name + "^1",
            $"{first} has no parent here: it is the first commit, or the clone is too shallow. Name what to verify it on with --target.",
            cancellationToken);
    }

    private static async Task<List<Revision>> FindAllAsync(string repository, string[] names, CancellationToken cancellationToken)
    {
        List<Revision> revisions = [];
        foreach (var name in names)
        {
            revisions.Add(await Revision.FindAsync(repository, name, hint: null, cancellationToken));
        }

        return revisions;
    }

    private static void Configure(GitBuildRunnerOptions options, Request request, string state, Revision target, string[] command)
    {
        options.Repository = request.Repository;
        options.TargetBranch = target.CommitId;
        options.Command = command;
        options.Host = Revision.Host;
        options.RepositoryName = Revision.RepositoryName;
        options.StateDirectory = state;
        options.Timeout = request.Timeout ?? options.Timeout;
        options.ReuseResults = request.Reuse;
        options.AttributeFailures = request.Blame;

        // The person's own command on the person's own machine: it may see what a shell would give it, but not what "dotnet run" sets, some of it anew each time.
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(static name => !name.StartsWith("GIT_", StringComparison.Ordinal) && name is not ("DOTNET_CLI_TELEMETRY_SESSIONID" or "DOTNET_LAUNCH_PROFILE")))
        {
            options.Environment[name] = null;
        }
    }
}
