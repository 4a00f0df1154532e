using BuildRunner;
using BuildRunner.GitLab;
using BuildRunner.GitLab.Api;
using BuildRunner.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides the registration of <see cref="GitLabBuildRunner"/>.</summary>
public static class GitLabBuildRunnerServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="GitLabBuildRunner"/> as the <see cref="IBuildRunner"/>: a singleton, also by its type.</summary>
    /// <param name="services">The services to add to. Their <see cref="TimeProvider"/> is used if there is one.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use without a host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IServiceCollection AddGitLabBuildRunner(this IServiceCollection services, Action<GitLabBuildRunnerOptions> configure) =>
        services.AddHttpBuildRunner(serviceKey: null, configure, Create);

    /// <summary>Adds a <see cref="GitLabBuildRunner"/> as the <see cref="IBuildRunner"/> of a key: a singleton per key.</summary>
    /// <param name="services">The services to add to. Their <see cref="TimeProvider"/> is used if there is one.</param>
    /// <param name="serviceKey">The key, which is also the name of the options: a string that is not empty.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use without a host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddKeyedGitLabBuildRunner(
        this IServiceCollection services, string serviceKey, Action<GitLabBuildRunnerOptions> configure) =>
        services.AddHttpBuildRunner(serviceKey ?? throw new ArgumentNullException(nameof(serviceKey)), configure, Create);

    private static GitLabBuildRunner Create(HttpBuildRunnerContext<GitLabBuildRunnerOptions> context)
    {
        var options = context.Options;
        HttpBackendOptions plain = new()
        {
            Name = "gitlab",
            BaseAddress = new Uri($"{options.Url!.AbsoluteUri.TrimEnd('/')}/api/v4/"),
            Headers = new Dictionary<string, string> { ["Accept"] = "application/json", ["User-Agent"] = "BuildRunner.GitLab" },
            IsOwnAnswer = GitLabApi.IsOwnAnswer,
        };
        var rest = context.CreateBackend(plain with
        {
            Credentials = async (_, stop) => HttpCredential.Bearer(await options.Token!(stop).ConfigureAwait(false)),
        });

        // GitLab limits creates by themselves: waiting for that limit must not stop reads and cancels.
        plain = plain with
        {
            Name = "gitlab-create",

            // A list may show a pipeline some seconds late.
            FindDelays = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10)],
            JudgeCreate = reply => GitLabApi.Judge(reply, options.Changes),
            ReadQuota = GitLabApi.CreateQuotaOf,
        };
        var creates = context.CreateBackend(options.TriggerToken is not { } triggerToken
            ? plain with { SharesCredentialsOf = rest }
            : plain with
            {
                Credentials = async (_, stop) =>
                {
                    var token = await triggerToken(stop).ConfigureAwait(false);
                    rest.Redactor.Add(token);
                    return HttpCredential.FormField("token", token);
                },

                // A trigger token that is not known, or not any more, is a 404.
                IsCredentialRefused = static reply => (int)reply.StatusCode is 401 or 404,
            });
        return new GitLabBuildRunner(new GitLabApi(rest, creates, options), rest, options, context.TimeProvider);
    }
}
