using System.CommandLine.Parsing;
using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds with a workflow of GitHub Actions.</summary>
internal static class GitHubChoice
{
    public const string Kind = "github";

    private const string TokenVariable = "GITHUB_TOKEN";

    /// <summary>Reads two names with a slash between them.</summary>
    public static string? ParsePair(ArgumentResult argument)
    {
        var value = argument.Tokens[0].Value;
        if (value.Split('/') is [{ Length: > 0 }, { Length: > 0 }])
        {
            return value;
        }

        argument.AddError($"'{value}' is not two names with a slash between them, such as acme/shop");
        return null;
    }

    public static Task<RunnerChoice> CreateAsync(
        Verification.Request request, IReadOnlyList<Revision> @base, IReadOnlyList<Revision> head, CancellationToken cancellationToken)
    {
        if (request.GitHub?.Split('/') is not [var owner, var name])
        {
            throw new RejectedException("Name the repository on GitHub with --github, such as --github acme/shop");
        }

        _ = Token();
        var where = $"the workflow '{request.Workflow}' of {request.GitHub}";
        var way = new { request.Url, request.GitHub, request.Workflow };
        return CiChoice.CreateAsync(Kind, where, way, request, @base, head, Register, cancellationToken);

        string Token() => CiChoice.Secret(TokenVariable, $"a token that may read and write the Actions of {request.GitHub}");
        void Register(IServiceCollection services, string key) => services.AddKeyedGitHubActionsBuildRunner(key, options =>
        {
            (options.Owner, options.Repository, options.Workflow) = (owner, name, request.Workflow);
            options.ApiUrl = request.Url ?? options.ApiUrl;
            options.Token = _ => new(Token());
        });
    }
}
