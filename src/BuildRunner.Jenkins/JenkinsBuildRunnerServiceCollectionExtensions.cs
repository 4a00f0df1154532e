using BuildRunner;
using BuildRunner.Http;
using BuildRunner.Jenkins;
using BuildRunner.Jenkins.Api;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of <see cref="JenkinsBuildRunner"/>.
/// </summary>
public static class JenkinsBuildRunnerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="JenkinsBuildRunner"/> as the <see cref="IBuildRunner"/>: a singleton, also under its own type.
    /// </summary>
    /// <param name="services">The services to add to. Their <see cref="TimeProvider"/> is used if there is one.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IServiceCollection AddJenkinsBuildRunner(this IServiceCollection services, Action<JenkinsBuildRunnerOptions> configure) =>
        services.AddHttpBuildRunner(serviceKey: null, configure, Create);

    /// <summary>
    /// Adds a <see cref="JenkinsBuildRunner"/> as the <see cref="IBuildRunner"/> of a key: a singleton per key, also under its own type.
    /// </summary>
    /// <param name="services">The services to add to. Their <see cref="TimeProvider"/> is used if there is one.</param>
    /// <param name="serviceKey">The key, which is the name of the options as well: a string that is not empty.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddKeyedJenkinsBuildRunner(
        this IServiceCollection services, string serviceKey, Action<JenkinsBuildRunnerOptions> configure) =>
        services.AddHttpBuildRunner(serviceKey ?? throw new ArgumentNullException(nameof(serviceKey)), configure, Create);

    private static JenkinsBuildRunner Create(HttpBuildRunnerContext<JenkinsBuildRunnerOptions> context)
    {
        var options = context.Options;
        var backend = context.CreateBackend(new HttpBackendOptions
        {
            Name = "jenkins",
            BaseAddress = options.Url!,
            Credentials = async (_, cancellationToken) =>
                HttpCredential.Basic(options.UserName, await options.ApiToken!(cancellationToken).ConfigureAwait(false)),
            FindDelays = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)],
            IsOwnAnswer = JenkinsAnswers.IsOwn,
            JudgeCreate = JenkinsAnswers.Judge,

            // Jenkins has no rate limit, and many requests at once slow it down for everybody. A page of long documents is megabytes.
            Concurrency = 10,
            MaxResponseBytes = 16 * 1024 * 1024,
        });
        return new JenkinsBuildRunner(new JenkinsJob(backend, options), backend, options, context.TimeProvider);
    }
}
