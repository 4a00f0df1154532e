using BuildRunner;
using BuildRunner.Buildbot;
using BuildRunner.Buildbot.Api;
using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of <see cref="BuildbotBuildRunner"/>.
/// </summary>
public static class BuildbotBuildRunnerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="BuildbotBuildRunner"/> as the <see cref="IBuildRunner"/>.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton, under its own type and under <see cref="IBuildRunner"/>. Uses the <see cref="TimeProvider"/> of the services, where there is one.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddBuildbotRunner(this IServiceCollection services, Action<BuildbotBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptionsOf(Options.Options.DefaultName, configure);
        services.AddSingleton(static provider => new BuildbotConnection(provider, Options.Options.DefaultName));
        services.AddSingleton(static provider => provider.GetRequiredService<BuildbotConnection>().Runner);
        services.AddSingleton<IBuildRunner>(static provider => provider.GetRequiredService<BuildbotBuildRunner>());
        return services;
    }

    /// <summary>
    /// Adds a <see cref="BuildbotBuildRunner"/> as the <see cref="IBuildRunner"/> of a key.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="serviceKey">The key, which is the name of the options as well: a string that is not empty.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton per key, under its own type and under <see cref="IBuildRunner"/>.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddKeyedBuildbotRunner(this IServiceCollection services, string serviceKey, Action<BuildbotBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptionsOf(serviceKey, configure);
        services.AddKeyedSingleton(serviceKey, static (provider, key) => new BuildbotConnection(provider, (string)key!));
        services.AddKeyedSingleton(serviceKey, static (provider, key) => provider.GetRequiredKeyedService<BuildbotConnection>(key).Runner);
        services.AddKeyedSingleton<IBuildRunner>(serviceKey, static (provider, key) => provider.GetRequiredKeyedService<BuildbotBuildRunner>(key));
        return services;
    }

    private static void AddOptionsOf(this IServiceCollection services, string name, Action<BuildbotBuildRunnerOptions> configure)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BuildbotBuildRunnerOptions>, BuildbotBuildRunnerOptionsValidator>());
        services.AddOptions<BuildbotBuildRunnerOptions>(name).Configure(configure).ValidateOnStart();
    }

    /// <summary>What must be disposed of, in an object of its own: the runner is registered under several types and is not disposable.</summary>
    private sealed class BuildbotConnection : IDisposable
    {
        private readonly HttpBackend? _login;
        private readonly BuildbotMaster _master;

        public BuildbotConnection(IServiceProvider provider, string name)
        {
            var options = provider.GetRequiredService<IOptionsMonitor<BuildbotBuildRunnerOptions>>().Get(name);
            HttpBackendOptions settings = new()
            {
                Name = "buildbot",
                BaseAddress = options.Url!,
                CreateHandler = options.CreateHandler,
                IsOwnAnswer = BuildbotMaster.IsOwnAnswer,
                TimeProvider = provider.GetService<TimeProvider>() ?? TimeProvider.System,
                Timeout = options.Timeout,
            };
            HttpBackend? backend = null;
            if (options is { UserName: { } userName, Password: { } password })
            {
                _login = new HttpBackend(settings);
                BuildbotLogin login = new(_login, userName, password);
                settings = settings with
                {
                    Credentials = (_, token) => login.LogInAsync(backend!.Redactor, token),

                    // The session has ended, or this user never had the permission; a new login tells.
                    IsCredentialRefused = static reply => (int)reply.StatusCode is 401 or 403 && BuildbotMaster.IsOwnAnswer(reply),
                };
            }

            backend = new HttpBackend(settings);
            _master = new BuildbotMaster(backend, options);
            Runner = new BuildbotBuildRunner(_master, backend, options);
        }

        public BuildbotBuildRunner Runner { get; }

        public void Dispose()
        {
            _master.Dispose();
            _login?.Dispose();
        }
    }
}
