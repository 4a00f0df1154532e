using BuildRunner;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods for registering <see cref="NoopBuildRunner"/>.</summary>
public static class NoopBuildRunnerServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="NoopBuildRunner"/> as the <see cref="IBuildRunner"/>, unless one is registered. It reports success for
    /// changes that nobody has validated.</summary>
    /// <param name="services">The <see cref="IServiceCollection"/> to add to.</param>
    /// <returns><paramref name="services"/>, for chaining.</returns>
    /// <remarks>A singleton, registered as its own type and as <see cref="IBuildRunner"/>. It never displaces a real runner: if the real
    /// runner is registered first it stays the only one; if it is registered later it is the last, and so the one that is
    /// resolved.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddNoopBuildRunner(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<NoopBuildRunner>();
        services.TryAddSingleton<IBuildRunner>(static provider => provider.GetRequiredService<NoopBuildRunner>());
        return services;
    }

    /// <summary>Adds a separate <see cref="NoopBuildRunner"/> as the <see cref="IBuildRunner"/> of a key, unless one is registered for that
    /// key. It reports success for changes that nobody has validated.</summary>
    /// <param name="services">The <see cref="IServiceCollection"/> to add to.</param>
    /// <param name="serviceKey">The key, for example the name of a queue.</param>
    /// <returns><paramref name="services"/>, for chaining.</returns>
    /// <remarks>A singleton per key, registered as its own type and as <see cref="IBuildRunner"/>. Each key counts its builds separately,
    /// so two keys return the same ids. A runner registered for <see cref="KeyedService.AnyKey"/> is the container's last resort; a runner
    /// of a specific key, including this one, comes first.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="serviceKey"/> is
    /// <see langword="null"/>.</exception>
    public static IServiceCollection AddKeyedNoopBuildRunner(this IServiceCollection services, object serviceKey)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        services.TryAddKeyedSingleton<NoopBuildRunner>(serviceKey);
        services.TryAddKeyedSingleton<IBuildRunner>(
            serviceKey,
            static (provider, key) => provider.GetRequiredKeyedService<NoopBuildRunner>(key));
        return services;
    }
}
