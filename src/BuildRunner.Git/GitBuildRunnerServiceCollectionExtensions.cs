using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Logs;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of <see cref="GitBuildRunner"/>.
/// </summary>
/// <remarks>Resolving the runner on anything but Linux throws <see cref="PlatformNotSupportedException"/>.</remarks>
public static class GitBuildRunnerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="GitBuildRunner"/> as the <see cref="IBuildRunner"/>. It runs the changes' own code with the rights of this process.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton, under its own type and under <see cref="IBuildRunner"/>. Goes by the <see cref="TimeProvider"/> and logs to the <see cref="ILoggerFactory"/> of the services, where there are any. Adds an <see cref="IHostedService"/> as well, by which a host takes up at its start the builds that wait, and gives back at its stop those that run; a host whose runner cannot be used does not start.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddGitBuildRunner(this IServiceCollection services, Action<GitBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptionsOf(Options.Options.DefaultName, configure);
        services.AddSingleton<IGitBuildEngine>(static provider => CreateEngine(provider, Options.Options.DefaultName));
        services.AddSingleton<IHostedService>(static provider => new GitBuildHost(provider.GetRequiredService<IGitBuildEngine>()));
        services.AddSingleton(static provider => new GitBuildRunner(provider.GetRequiredService<IGitBuildEngine>()));
        services.AddSingleton<IBuildRunner>(static provider => provider.GetRequiredService<GitBuildRunner>());
        return services;
    }

    /// <summary>
    /// Adds a <see cref="GitBuildRunner"/> as the <see cref="IBuildRunner"/> of a key. It runs the changes' own code with the rights of this process.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="serviceKey">The key, which is the name of the options as well and therefore a string that is not empty.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton per key, under its own type and under <see cref="IBuildRunner"/>, with an <see cref="IHostedService"/> as that without a key. Two runners need two state directories, which they have by default.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty, which is the name of the options of the runner without a key.</exception>
    public static IServiceCollection AddKeyedGitBuildRunner(this IServiceCollection services, string serviceKey, Action<GitBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptionsOf(serviceKey, configure);
        services.AddKeyedSingleton<IGitBuildEngine>(serviceKey, static (provider, key) => CreateEngine(provider, (string)key!));
        services.AddSingleton<IHostedService>(provider => new GitBuildHost(provider.GetRequiredKeyedService<IGitBuildEngine>(serviceKey)));
        services.AddKeyedSingleton(serviceKey, static (provider, key) => new GitBuildRunner(provider.GetRequiredKeyedService<IGitBuildEngine>(key)));
        services.AddKeyedSingleton<IBuildRunner>(serviceKey, static (provider, key) => provider.GetRequiredKeyedService<GitBuildRunner>(key));
        return services;
    }

    private static void AddOptionsOf(this IServiceCollection services, string name, Action<GitBuildRunnerOptions> configure)
    {
        services.TryAddSingleton<StateDirectories>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GitBuildRunnerOptions>, GitBuildRunnerOptionsValidator>());
        services.AddOptions<GitBuildRunnerOptions>(name).Configure(configure).PostConfigure(options => options.ServiceKey = name).ValidateOnStart();
    }

    private static GitBuildEngine CreateEngine(IServiceProvider provider, string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The git runner runs on Linux only.");
        }

        var options = provider.GetRequiredService<IOptionsMonitor<GitBuildRunnerOptions>>().Get(name);
        if (StateDirectory.TryFindPathOf(options) is { } directory)
        {
            provider.GetRequiredService<StateDirectories>().Take(directory, name);
        }

        return new GitBuildEngine(
            options,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            new HarmlessLogger((provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<GitBuildRunner>()),
            provider.GetService<StepReached>());
    }
}
