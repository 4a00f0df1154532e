using BuildRunner;
using BuildRunner.Buildkite;
using BuildRunner.Buildkite.Api;
using BuildRunner.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of <see cref="BuildkiteBuildRunner"/>.
/// </summary>
public static class BuildkiteBuildRunnerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="BuildkiteBuildRunner"/> as the <see cref="IBuildRunner"/>.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton, under its own type and under <see cref="IBuildRunner"/>. Uses the <see cref="TimeProvider"/> of the services,
    /// if there is one.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is
    /// <see langword="null"/>.</exception>
    public static IServiceCollection AddBuildkiteBuildRunner(
        this IServiceCollection services, Action<BuildkiteBuildRunnerOptions> configure) =>
        services.AddHttpBuildRunner(serviceKey: null, configure, Create);

    /// <summary>
    /// Adds a <see cref="BuildkiteBuildRunner"/> as the <see cref="IBuildRunner"/> of a key.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="serviceKey">The key, which is the name of the options as well: a string that is not empty.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton per key, under its own type and under <see cref="IBuildRunner"/>.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/>
    /// is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddKeyedBuildkiteBuildRunner(
        this IServiceCollection services, string serviceKey, Action<BuildkiteBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        return services.AddHttpBuildRunner(serviceKey, configure, Create);
    }

    private static BuildkiteBuildRunner Create(HttpBuildRunnerContext<BuildkiteBuildRunnerOptions> context)
    {
        var options = context.Options;
        var pipeline = $"organizations/{options.Organization}/pipelines/{options.Pipeline}/";
        var backend = context.CreateBackend(new()
        {
            Name = "buildkite",
            BaseAddress = new Uri($"{options.ApiUrl!.AbsoluteUri.TrimEnd('/')}/{pipeline}"),
            Headers = new Dictionary<string, string> { ["Accept"] = "application/json", ["User-Agent"] = "BuildRunner.Buildkite" },
            Credentials = async (_, cancellationToken) =>
                HttpCredential.Bearer(await options.Token!(cancellationToken).ConfigureAwait(false)),

            // A list may take some seconds to show a build. A page of it has a hundred, with their requests.
            FindDelays = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10)],
            MaxResponseBytes = 16 * 1024 * 1024,
            ReadQuota = BuildkiteQuota.Of,
        });
        return new BuildkiteBuildRunner(new BuildkiteApi(backend, options, context.TimeProvider), backend, options, context.TimeProvider);
    }
}
