using BuildRunner;
using BuildRunner.Orchestration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using QuickStart.Views;

namespace QuickStart;

/// <summary>Verifies revisions and shows the build's life.</summary>
internal static class Verification
{
    public sealed record Request
    {
        public required string Repository { get; init; }

        public required string? Target { get; init; }

        public required string[] Base { get; init; }

        public required string[] Head { get; init; }

        public required string? State { get; init; }

        public required TimeSpan? Timeout { get; init; }

        public required bool Reuse { get; init; }

        public required bool Blame { get; init; }

        public required string Runner { get; init; }

        public required Uri? Url { get; init; }

        public required string Builder { get; init; }

        public required string? GitHub { get; init; }

        public required string Workflow { get; init; }

        public required string? Pipeline { get; init; }

        public required string Job { get; init; }

        public required string? Project { get; init; }

        public required string[]? Command { get; init; }
    }

    public static async Task<int> RunAsync(Request request, IBuildView view, CancellationToken cancellationToken)
    {
        if (request.Runner == GitChoice.Kind && Platform.WhyNot(OperatingSystem.IsLinux()) is { } sentence)
        {
            await SayAsync(sentence);
            return ExitCodes.Rejected;
        }

        try
        {
            await using var shown = view;
            await Revision.CheckRepositoryAsync(request.Repository, cancellationToken);
            var @base = await FindAllAsync(request.Repository, request.Base, cancellationToken);
            var head = await FindAllAsync(request.Repository, request.Head, cancellationToken);
            var choice = request.Runner switch
            {
                BuildbotChoice.Kind => await BuildbotChoice.CreateAsync(request, @base, head, cancellationToken),
                GitHubChoice.Kind => await GitHubChoice.CreateAsync(request, @base, head, cancellationToken),
                BuildkiteChoice.Kind => await BuildkiteChoice.CreateAsync(request, @base, head, cancellationToken),
                JenkinsChoice.Kind => await JenkinsChoice.CreateAsync(request, @base, head, cancellationToken),
                GitLabChoice.Kind => await GitLabChoice.CreateAsync(request, @base, head, cancellationToken),
                _ => await GitChoice.CreateAsync(request, @base, head, cancellationToken),
            };
            view.Begin(choice.What);
            using Trouble trouble = new(view.Say);
            await using var following = await Following.StartAsync(choice, trouble, cancellationToken);
            var build = await following.BeginAsync(new BuildRequest { Base = [.. @base.Select(static revision => revision.ToChange())], Head = [.. head.Select(static revision => revision.ToChange())] }, cancellationToken);
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
            if (last.RemoteId is { } buildId)
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
            _ when last.RemoteId is null => throw new RejectedException(last.Note ?? "The build could not be triggered."),
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
        if (build.RemoteId is { } buildId && (last?.RemoteId != buildId || last.Status != build.Status || !last.Metadata.Equals(build.Metadata)))
        {
            view.Show(buildId, SnapshotOf(build));
        }
    }

    private static BuildSnapshot SnapshotOf(Build build) => new()
    {
        Status = build.Status,
        Metadata = build.Note is { } note ? build.Metadata.SetItems([new("note", note)]) : build.Metadata,
    };

    public static async Task<string> FindStateAsync(string repository, CancellationToken cancellationToken)
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0
            ? Path.Combine(data, "BuildRunner.QuickStart", await Revision.NameRepositoryAsync(repository, cancellationToken))
            : throw new RejectedException("There is no directory for the data of this user; name one with --state.");
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
}
