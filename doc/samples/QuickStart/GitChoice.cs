using BuildRunner.Git;
using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds on this machine, with the git runner.</summary>
internal static class GitChoice
{
    public const string Kind = "git";

    public static async Task<RunnerChoice> CreateAsync(Verification.Request request, IReadOnlyList<Revision> @base, IReadOnlyList<Revision> head, CancellationToken cancellationToken)
    {
        if ((request.Url?.ToString() ?? request.GitHub ?? request.Pipeline ?? request.Project) is not null)
        {
            throw new RejectedException(
                "--url, --github, --pipeline and --project are for other runners; the git runner builds on this machine.");
        }

        var target = await FindTargetAsync(request, cancellationToken);
        var command = request.Command ?? await FindCommandAsync(request.Repository, head[0], cancellationToken);
        var state = request.State ?? await Verification.FindStateAsync(request.Repository, cancellationToken);
        return new RunnerChoice
        {
            Kind = Kind,
            What = $"Verifying {string.Join(", ", head)} on {string.Join(", ", [target, .. @base])} with: {string.Join(' ', command)}",
            State = state,
            Way = new { target.CommitId, command, request.Timeout, request.Reuse, request.Blame },
            Limit = (request.Blame ? 2 : 1) * (request.Timeout ?? new GitBuildRunnerOptions().Timeout),
            Register = (services, key) => services.AddKeyedGitBuildRunner(key, options => Configure(options, request, state, target, command)),
        };
    }

    private static async Task<string[]> FindCommandAsync(string repository, Revision head, CancellationToken cancellationToken)
    {
        const string Project = "src/BuildRunner";
        return await head.HasAsync(repository, Project, cancellationToken)
            ? ["dotnet", "build", Project]
            : throw new RejectedException("Name the command that verifies the repository, after the options and --, such as: -- make test");
    }

    private static async Task<Revision> FindTargetAsync(Verification.Request request, CancellationToken cancellationToken)
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

    private static void Configure(GitBuildRunnerOptions options, Verification.Request request, string state, Revision target, string[] command)
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
