using BuildRunner;
using BuildRunner.Http;
using BuildRunner.Http.Runners;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides extension methods for registering runners over HTTP, for packages that contain one.
/// </summary>
public static class HttpBuildRunnerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a runner as the <see cref="IBuildRunner"/>, or as the <see cref="IBuildRunner"/> of a key.
    /// </summary>
    /// <typeparam name="TRunner">The type of the runner.</typeparam>
    /// <typeparam name="TOptions">The type of its options. They are validated when the host starts, or at the first use if there is no
    /// host.</typeparam>
    /// <param name="services">The <see cref="IServiceCollection"/> to add to.</param>
    /// <param name="serviceKey">The key, which is also the name of the options, or <see langword="null"/> for a runner without a
    /// key.</param>
    /// <param name="configure">Configures the options.</param>
    /// <param name="create">Creates the runner. Called once.</param>
    /// <returns><paramref name="services"/>, for chaining.</returns>
    /// <remarks>
    /// The runner is a singleton, registered as its own type and as <see cref="IBuildRunner"/>. Its options are a singleton, registered as
    /// their own type and as <see cref="HttpBuildRunnerOptions"/>, so that a decorator can change them before the runner is created.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="configure"/> or <paramref name="create"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddHttpBuildRunner<TRunner, TOptions>(
        this IServiceCollection services,
        string? serviceKey,
        Action<TOptions> configure,
        Func<HttpBuildRunnerContext<TOptions>, TRunner> create)
        where TRunner : class, IBuildRunner
        where TOptions : HttpBuildRunnerOptions, new()
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        ArgumentNullException.ThrowIfNull(create);
        if (serviceKey is not null)
        {
            ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        }

        var name = serviceKey ?? Options.Options.DefaultName;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, HttpBuildRunnerOptionsValidator<TOptions>>());
        services.AddOptions<TOptions>(name).Configure(configure).ValidateOnStart();
        services.AddKeyedSingleton(serviceKey, (provider, _) => provider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name));
        services.AddKeyedSingleton<HttpBuildRunnerOptions>(
            serviceKey,
            static (provider, key) => provider.GetRequiredKeyedService<TOptions>(key));

        // In a separate object, because the runner is registered as several types and is not disposable.
        services.AddKeyedSingleton(
            serviceKey,
            static (provider, key) => new HttpBuildRunnerContext<TOptions>(provider, provider.GetRequiredKeyedService<TOptions>(key)));
        services.AddKeyedSingleton(
            serviceKey,
            (provider, key) => create(provider.GetRequiredKeyedService<HttpBuildRunnerContext<TOptions>>(key)));
        services.AddKeyedSingleton<IBuildRunner>(serviceKey, static (provider, key) => provider.GetRequiredKeyedService<TRunner>(key));
        return services;
    }
}
