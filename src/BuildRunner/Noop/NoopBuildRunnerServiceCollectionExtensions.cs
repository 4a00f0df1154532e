using BuildRunner;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of <see cref="NoopBuildRunner"/>.
/// </summary>
public static class NoopBuildRunnerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="NoopBuildRunner"/> as the <see cref="IBuildRunner"/>, unless there is one already. It reports success for changes that nobody has validated.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton, under its own type and under <see cref="IBuildRunner"/>. It never displaces a real runner, whichever of the two was added first: registered before, the real runner stays the only one; registered after, it is the last and therefore the one that is resolved.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddNoopBuildRunner(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<NoopBuildRunner>();
        services.TryAddSingleton<IBuildRunner>(static provider => provider.GetRequiredService<NoopBuildRunner>());
        return services;
    }

    /// <summary>
    /// Adds a <see cref="NoopBuildRunner"/> of its own as the <see cref="IBuildRunner"/> of a key, unless that key has one already. It reports success for changes that nobody has validated.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="serviceKey">The key, for example the name of a queue.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton per key, under its own type and under <see cref="IBuildRunner"/>. Each key counts its builds by itself: two of them return the same ids. A runner under <see cref="KeyedService.AnyKey"/> is the container's last resort, and any key of its own, this one too, goes before it.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="serviceKey"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddKeyedNoopBuildRunner(this IServiceCollection services, object serviceKey)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        services.TryAddKeyedSingleton<NoopBuildRunner>(serviceKey);
        services.TryAddKeyedSingleton<IBuildRunner>(serviceKey, static (provider, key) => provider.GetRequiredKeyedService<NoopBuildRunner>(key));
        return services;
    }
}
