using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds with a job of Jenkins.</summary>
internal static class JenkinsChoice
{
    public const string Kind = "jenkins";

    private const string UserVariable = "JENKINS_USER";
    private const string TokenVariable = "JENKINS_TOKEN";

    public static Task<RunnerChoice> CreateAsync(
        Verification.Request request, IReadOnlyList<Revision> @base, IReadOnlyList<Revision> head, CancellationToken cancellationToken)
    {
        var url = request.Url
            ?? throw new RejectedException("Name the controller of Jenkins with --url, such as --url https://ci.example.org/jenkins/");
        var user = CiChoice.Secret(UserVariable, $"the id of a user who may build '{request.Job}' at {url}");
        _ = Token();
        var where = $"the job '{request.Job}' at {url}";
        return CiChoice.CreateAsync(Kind, where, new { url, request.Job }, request, @base, head, Register, cancellationToken);

        string Token() => CiChoice.Secret(TokenVariable, $"an API token of the user '{user}'");
        void Register(IServiceCollection services, string key) => services.AddKeyedJenkinsBuildRunner(key, options =>
        {
            (options.Url, options.Job, options.UserName) = (url, request.Job, user);
            options.ApiToken = _ => new(Token());
        });
    }
}
