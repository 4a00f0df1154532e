using BuildRunner;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using QuickStart.Views;

namespace QuickStart;

/// <summary>Verifies revisions with a runner and shows the build's life. It knows the runner as <see cref="IBuildRunner"/> alone, but for the registration.</summary>
internal static class Verification
{
    public sealed record Request(string Repository, string? Target, string[] Base, string[] Head, string? State, TimeSpan? Timeout, bool Reuse, bool Blame, string[] Command);

    public static async Task<int> RunAsync(Request request, Func<IBuildLogSource?, IBuildView> createView, CancellationToken cancellationToken)
    {
        try
        {
            var target = await FindTargetAsync(request, cancellationToken);
            var @base = await FindAllAsync(request.Repository, request.Base, cancellationToken);
            var head = await FindAllAsync(request.Repository, request.Head, cancellationToken);
            await using var services = new ServiceCollection().AddGitBuildRunner(options => Configure(options, request, target)).BuildServiceProvider();
            var runner = services.GetRequiredService<IBuildRunner>();
            var buildId = await runner.TriggerAsync([.. @base.Select(static revision => revision.ToChange())], [.. head.Select(static revision => revision.ToChange())], cancellationToken: cancellationToken);
            await using var view = createView(runner.As<IBuildLogSource>());
            view.Begin($"Verifying {string.Join(", ", head)} on {string.Join(", ", [target, .. @base])} with: {string.Join(' ', request.Command)}");
            return await FollowAsync(runner, buildId, view, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Cancelled before a build was triggered.");
            return ExitCodes.Cancelled;
        }
        catch (Exception exception) when (exception is RejectedException or BuildRunnerException or OptionsValidationException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitCodes.Rejected;
        }
    }

    private static async Task<int> FollowAsync(IBuildRunner runner, BuildId buildId, IBuildView view, CancellationToken cancellationToken)
    {
        BuildSnapshot? last = null;
        try
        {
            last = await ShowAsync(runner, buildId, view, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            view.ShowCancelling();
            await runner.CancelAsync(buildId, CancellationToken.None);
            last = await ShowAsync(runner, buildId, view, CancellationToken.None);
        }

        await view.EndAsync(buildId, last);
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
        await foreach (var snapshot in runner.WatchAsync(buildId, cancellationToken: cancellationToken))
        {
            view.Show(buildId, snapshot);
            last = snapshot;
        }

        return last!;
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

    private static void Configure(BuildRunner.Git.GitBuildRunnerOptions options, Request request, Revision target)
    {
        options.Repository = request.Repository;
        options.TargetBranch = target.CommitId;
        options.Command = request.Command;
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
