using BuildRunner;
using BuildRunner.GitHubActions;
using BuildRunner.GitHubActions.Api;
using BuildRunner.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides extension methods that register a <see cref="GitHubActionsBuildRunner"/>.
/// </summary>
public static class GitHubActionsBuildRunnerServiceCollectionExtensions
{
    private const int MaxRememberedBytes = 16 * 1024 * 1024;

    // GitHub allows a hundred for the whole account.
    private const int Concurrency = 50;

    // What GitHub asks for between requests that create something.
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);

    // A list may take some seconds to show a run.
    private static readonly TimeSpan[] FindDelays = [.. new[] { 2, 3, 5, 10 }.Select(static seconds => TimeSpan.FromSeconds(seconds))];

    /// <summary>
    /// Adds a <see cref="GitHubActionsBuildRunner"/> as the <see cref="IBuildRunner"/>.
    /// </summary>
    /// <param name="services">The <see cref="IServiceCollection"/> to add the runner to.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or on first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>The runner is a singleton, also available by its own type. It uses the registered <see cref="TimeProvider"/>.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is
    /// <see langword="null"/>.</exception>
    public static IServiceCollection AddGitHubActionsBuildRunner(
        this IServiceCollection services, Action<GitHubActionsBuildRunnerOptions> configure) =>
        services.AddHttpBuildRunner(serviceKey: null, configure, Create);

    /// <summary>
    /// Adds a <see cref="GitHubActionsBuildRunner"/> as the keyed <see cref="IBuildRunner"/>.
    /// </summary>
    /// <param name="services">The <see cref="IServiceCollection"/> to add the runner to.</param>
    /// <param name="serviceKey">The key, not empty. It is also the name of the options.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or on first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>The runner is a singleton per key, also available by its own type.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/>
    /// is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddKeyedGitHubActionsBuildRunner(
        this IServiceCollection services, string serviceKey, Action<GitHubActionsBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        return services.AddHttpBuildRunner(serviceKey, configure, Create);
    }

    private static GitHubActionsBuildRunner Create(HttpBuildRunnerContext<GitHubActionsBuildRunnerOptions> context)
    {
        var options = context.Options;
        HttpBackendOptions plain = new()
        {
            Name = "github",
            BaseAddress = options.ApiUrl!,
            Headers = new Dictionary<string, string>
            {
                ["Accept"] = "application/vnd.github+json",
                ["User-Agent"] = "BuildRunner.GitHubActions",
                ["X-GitHub-Api-Version"] = options.ApiVersion,
            },
            ReadQuota = GitHubApi.QuotaOf,
        };
        var app = options.Token is null ? new AppTokens(context.CreateBackend(plain), options, context.TimeProvider) : null;
        var rest = context.CreateBackend(plain with
        {
            Credentials = async (_, cancellationToken) => app is not null
                ? await app.MintAsync(cancellationToken).ConfigureAwait(false)
                : HttpCredential.Bearer(await options.Token!(cancellationToken).ConfigureAwait(false)),
            FindDelays = FindDelays,
            JudgeCreate = reply => GitHubApi.Judge(reply, options.Changes),
            Concurrency = Concurrency,
            MaxRememberedBytes = MaxRememberedBytes,
            WriteInterval = WriteInterval,
        });

        // GraphQL has a rate limit of its own.
        var address = GraphAddressOf(options.ApiUrl!.AbsoluteUri.TrimEnd('/'));
        var graph = context.CreateBackend(plain with { Name = "github-graphql", BaseAddress = address, SharesCredentialsOf = rest });
        GitHubApi api = new(rest, graph, options, context.TimeProvider);
        return new GitHubActionsBuildRunner(api, graph, options, context.TimeProvider);
    }

    // Beside the API: /api/v3 and /api/graphql on Enterprise Server, / and /graphql elsewhere.
    private static Uri GraphAddressOf(string api) => new(api.EndsWith("/api/v3", StringComparison.Ordinal) ? api[..^"v3".Length] : api);
}
