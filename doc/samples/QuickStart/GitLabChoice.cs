using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds with a pipeline of GitLab.</summary>
internal static class GitLabChoice
{
    public const string Kind = "gitlab";

    private const string TokenVariable = "GITLAB_TOKEN";

    public static Task<RunnerChoice> CreateAsync(
        Verification.Request request, IReadOnlyList<Revision> @base, IReadOnlyList<Revision> head, CancellationToken cancellationToken)
    {
        var project = request.Project
            ?? throw new RejectedException("Name the project on GitLab with --project, such as --project acme/shop");
        _ = Token();
        var where = $"the project {project} of GitLab";
        return CiChoice.CreateAsync(Kind, where, new { request.Url, project }, request, @base, head, Register, cancellationToken);

        string Token() => CiChoice.Secret(TokenVariable, $"an access token of {project} with the scope api");
        void Register(IServiceCollection services, string key) => services.AddKeyedGitLabBuildRunner(key, options =>
        {
            options.Project = project;
            options.Url = request.Url ?? options.Url;
            options.Token = _ => new(Token());
        });
    }
}
