using BuildRunner;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using QuickStart.Views;

namespace QuickStart;

/// <summary>Verifies revisions with a runner and shows the build's life. It knows the runner as <see cref="IBuildRunner"/> alone, but for the registration.</summary>
internal static class Verification
{
    public sealed record Request(string Repository, string? Target, string[] Base, string[] Head, string? State, TimeSpan? Timeout, bool Reuse, bool Blame, string[]? Command);

    public static async Task<int> RunAsync(Request request, Func<IBuildLogSource?, IBuildView> createView, CancellationToken cancellationToken)
    {
        try
        {
            await Revision.CheckRepositoryAsync(request.Repository, cancellationToken);
            var target = await FindTargetAsync(request, cancellationToken);
            var @base = await FindAllAsync(request.Repository, request.Base, cancellationToken);
            var head = await FindAllAsync(request.Repository, request.Head, cancellationToken);
            var command = request.Command ?? await FindCommandAsync(request.Repository, head[0], cancellationToken);
            await using var services = new ServiceCollection().AddGitBuildRunner(options => Configure(options, request, target, command)).BuildServiceProvider();
            var runner = services.GetRequiredService<IBuildRunner>();
            var buildId = await runner.TriggerAsync([.. @base.Select(static revision => revision.ToChange())], [.. head.Select(static revision => revision.ToChange())], cancellationToken: cancellationToken);
            await using var view = createView(runner.As<IBuildLogSource>());
            var what = $"Verifying {string.Join(", ", head)} on {string.Join(", ", [target, .. @base])} with: {string.Join(' ', command)}";
            return await FollowAsync(runner, buildId, what, view, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SayAsync("Cancelled before a build was triggered.");
            return ExitCodes.Cancelled;
        }
        catch (Exception exception) when (exception is RejectedException or BuildRunnerException or OptionsValidationException or IOException or UnauthorizedAccessException)
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

    private static async Task<int> FollowAsync(IBuildRunner runner, BuildId buildId, string what, IBuildView view, CancellationToken cancellationToken)
    {
        BuildSnapshot last;
        try
        {
            view.Begin(what);
            last = await ShowAsync(runner, buildId, view, cancellationToken);
            await view.EndAsync(buildId, last);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody can see it any more.
            await runner.CancelAsync(buildId, CancellationToken.None);
            await runner.WaitForCompletionAsync(buildId, cancellationToken: CancellationToken.None);
            throw new RejectedException($"The output could not be written ({exception.Message}); the build has been cancelled.");
        }

        return last.Status switch
        {
            BuildStatus.Succeeded => ExitCodes.Succeeded,
            BuildStatus.Cancelled => ExitCodes.Cancelled,
            _ => ExitCodes.Failed,
        };
    }

    private static async Task<BuildSnapshot> ShowAsync(IBuildRunner runner, BuildId buildId, IBuildView view, CancellationToken cancellationToken)
    {
        BuildSnapshot? last = null;
        try
        {
            await foreach (var snapshot in runner.WatchAsync(buildId, cancellationToken: cancellationToken))
            {
                view.Show(buildId, last = snapshot);
            }
        }
        catch (OperationCanceledException)
        {
            view.ShowCancelling();
            await runner.CancelAsync(buildId, CancellationToken.None);
            var before = last;
            await foreach (var snapshot in runner.WatchAsync(buildId, cancellationToken: CancellationToken.None))
            {
                last = snapshot;
                if (snapshot != before)
                {
                    view.Show(buildId, snapshot);
                }
            }
        }

        return last!;
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

    private static void Configure(BuildRunner.Git.GitBuildRunnerOptions options, Request request, Revision target, string[] command)
    {
        options.Repository = request.Repository;
        options.TargetBranch = target.CommitId;
        options.Command = command;
        options.Host = Revision.Host;
        options.RepositoryName = Revision.RepositoryName;
        options.StateDirectory = request.State;
        options.Timeout = request.Timeout ?? options.Timeout;
        options.ReuseResults = request.Reuse;
        options.AttributeFailures = request.Blame;

        // The person's own command on the person's own machine: it may see what a shell would give it, but not what is another at each "dotnet run".
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(static name => !name.StartsWith("GIT_", StringComparison.Ordinal) && name != "DOTNET_CLI_TELEMETRY_SESSIONID"))
        {
            options.Environment[name] = null;
        }
    }
}
