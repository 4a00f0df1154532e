using System.CommandLine.Parsing;
using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds with a workflow of GitHub Actions, which applies the changes and decides what is run.</summary>
internal static class GitHubChoice
{
    public const string Kind = "github";

    private const string TokenVariable = "GITHUB_TOKEN";

    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    public static string? ParseRepository(ArgumentResult argument)
    {
        var value = argument.Tokens[0].Value;
        if (value.Split('/') is [{ Length: > 0 }, { Length: > 0 }])
        {
            return value;
        }

        argument.AddError($"'{value}' is no repository of GitHub; write it as owner/name");
        return null;
    }

    public static async Task<RunnerChoice> CreateAsync(
        Verification.Request request, IReadOnlyList<Revision> @base, IReadOnlyList<Revision> head, CancellationToken cancellationToken)
    {
        if (request.GitHub?.Split('/') is not [var owner, var name])
        {
            throw new RejectedException("Name the repository on GitHub with --github, such as --github acme/shop");
        }

        if (string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(TokenVariable)))
        {
            throw new RejectedException($"Set {TokenVariable} to a token that may read and write the Actions of {request.GitHub}.");
        }

        if (request.Command is not null || request.Target is not null || request.Timeout is not null || request.Reuse || request.Blame)
        {
            throw new RejectedException(
                "A workflow decides what it runs, and on which branch: leave out the command, --target, --timeout, --reuse and --blame.");
        }

        var state = request.State ?? $"{await Verification.FindStateAsync(request.Repository, cancellationToken)}-{Kind}";
        Directory.CreateDirectory(state);
        var changes = string.Join(", ", head) + (@base.Count == 0 ? "" : $" on {string.Join(", ", @base)}");
        return new RunnerChoice
        {
            Kind = Kind,
            What = $"Verifying {changes} with the workflow '{request.Workflow}' of {request.GitHub}",
            State = state,
            Way = new { request.Url, request.GitHub, request.Workflow },
            Limit = Limit,
            Register = (services, key) => services.AddKeyedGitHubActionsBuildRunner(key, options =>
            {
                (options.Owner, options.Repository, options.Workflow) = (owner, name, request.Workflow);
                options.ApiUrl = request.Url ?? options.ApiUrl;
                options.Token = static _ => new(Environment.GetEnvironmentVariable(TokenVariable)!);
            }),
        };
    }
}
