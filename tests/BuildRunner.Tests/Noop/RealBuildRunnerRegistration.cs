using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Tests.Noop;

/// <summary>Registers as a backend does: with Add, under the concrete type and, by a decorator that is not disposable, under the abstraction. (A factory that returned the runner itself would have it disposed twice.)</summary>
internal static class RealBuildRunnerRegistration
{
    public static IServiceCollection AddRealBuildRunner(this IServiceCollection services) => services
        .AddSingleton<RealBuildRunner>()
        .AddSingleton<IBuildRunner>(provider => new Registered(provider.GetRequiredService<RealBuildRunner>()));

    public static IServiceCollection AddKeyedRealBuildRunner(this IServiceCollection services, object serviceKey) => services
        .AddKeyedSingleton<RealBuildRunner>(serviceKey)
        .AddKeyedSingleton<IBuildRunner>(serviceKey, (provider, key) => new Registered(provider.GetRequiredKeyedService<RealBuildRunner>(key)));

    private sealed class Registered(IBuildRunner inner) : DelegatingBuildRunner(inner);
}
