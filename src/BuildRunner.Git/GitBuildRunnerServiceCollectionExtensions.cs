using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that register a <see cref="GitBuildRunner"/>.</summary>
/// <remarks>Resolving the runner on anything but Linux throws <see cref="PlatformNotSupportedException"/>.</remarks>
public static class GitBuildRunnerServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="GitBuildRunner"/> as the <see cref="IBuildRunner"/>. It runs the changes' own code with the rights of
    /// this process.</summary>
    /// <param name="services">The <see cref="IServiceCollection"/> to add the runner to.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or on first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>
    /// <para>
    /// The runner is a singleton, also available by its own type. It uses the registered <see cref="TimeProvider"/> and
    /// <see cref="ILoggerFactory"/>, if any.
    /// </para>
    /// <para>
    /// An <see cref="IHostedService"/> takes up waiting builds when the host starts, and returns running ones to the queue when it stops.
    /// The host does not start if the runner cannot be used.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is
    /// <see langword="null"/>.</exception>
    public static IServiceCollection AddGitBuildRunner(this IServiceCollection services, Action<GitBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.Add(serviceKey: null, configure);
    }

    /// <summary>Adds a <see cref="GitBuildRunner"/> as the keyed <see cref="IBuildRunner"/>. It runs the changes' own code with the rights
    /// of this process.</summary>
    /// <param name="services">The <see cref="IServiceCollection"/> to add the runner to.</param>
    /// <param name="serviceKey">The key, not empty. It is also the name of the options.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or on first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>The runner is a singleton per key, also available by its own type, and has a hosted service as the runner without a key
    /// does. Two runners need two state directories, which they have by default.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/>
    /// is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddKeyedGitBuildRunner(
        this IServiceCollection services,
        string serviceKey,
        Action<GitBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);
        return services.Add(serviceKey, configure);
    }

    private static IServiceCollection Add(this IServiceCollection services, string? serviceKey, Action<GitBuildRunnerOptions> configure)
    {
        var name = serviceKey ?? Options.Options.DefaultName;
        services.AddSourceOptions(name, configure, options => options.ServiceKey = name, new GitBuildRunnerOptionsValidator());
        services.AddKeyedSingleton<IGitBuildEngine>(serviceKey, (provider, _) => CreateEngine(provider, name));
        services.AddKeyedSingleton(serviceKey, (provider, _) => new GitBuildRunner(EngineOf(provider)));
        services.AddKeyedSingleton<IBuildRunner>(serviceKey, (provider, _) => provider.GetRequiredKeyedService<GitBuildRunner>(serviceKey));
        services.AddSingleton<IHostedService>(provider => new GitBuildHost(EngineOf(provider)));
        return services;

        IGitBuildEngine EngineOf(IServiceProvider provider) => provider.GetRequiredKeyedService<IGitBuildEngine>(serviceKey);
    }

    private static GitBuildEngine CreateEngine(IServiceProvider provider, string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The git runner needs Linux.");
        }

        return new GitBuildEngine(
            provider.GetSourceOptions<GitBuildRunnerOptions>(name, owner: name),
            provider.GetTimeProvider(),
            provider.GetLogger<GitBuildRunner>(),
            provider.GetService<StepReached>());
    }
}
