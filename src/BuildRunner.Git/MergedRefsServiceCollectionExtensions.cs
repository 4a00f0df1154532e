using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Merged;
using BuildRunner.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that add merged refs to a runner.</summary>
/// <remarks>Resolving the runner on anything but Linux throws <see cref="PlatformNotSupportedException"/>.</remarks>
public static class MergedRefsServiceCollectionExtensions
{
    /// <summary>Makes the registered <see cref="IBuildRunner"/> build merged commits, which are pushed under references of their
    /// own.</summary>
    /// <param name="services">The <see cref="IServiceCollection"/> that has the runner.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or on first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>
    /// <para>
    /// Call it after adding the runner; without one the host does not start. A decorator with <see cref="IMergedRefs"/> replaces the runner
    /// and keeps its other capabilities. It uses the registered <see cref="TimeProvider"/> and <see cref="ILoggerFactory"/>, if any.
    /// </para>
    /// <para>
    /// An <see cref="IHostedService"/> deletes references and records that are no longer needed.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The runner already has merged refs.</exception>
    public static IServiceCollection AddMergedRefs(this IServiceCollection services, Action<MergedRefsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.Add(serviceKey: null, configure);
    }

    /// <summary>Makes the keyed <see cref="IBuildRunner"/> build merged commits, which are pushed under references of their own.</summary>
    /// <param name="services">The <see cref="IServiceCollection"/> that has the runner.</param>
    /// <param name="serviceKey">The key of the runner, not empty. It is also the name of the options.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or on first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>Works like the overload without a key. Hosts that share one remote must use the same key.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/>
    /// is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">The runner already has merged refs.</exception>
    public static IServiceCollection AddMergedRefs(this IServiceCollection services, string serviceKey, Action<MergedRefsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);
        return services.Add(serviceKey, configure);
    }

    private static IServiceCollection Add(this IServiceCollection services, string? serviceKey, Action<MergedRefsOptions> configure)
    {
        InnerRunnerKey innerKey = new(serviceKey);
        if (services.Any(service => service.ServiceType == typeof(IBuildRunner) && innerKey.Equals(service.ServiceKey)))
        {
            var runner = serviceKey is null ? "without a key" : $"'{serviceKey}'";
            throw new InvalidOperationException($"The runner {runner} already has merged refs; call AddMergedRefs for it once.");
        }

        var inner = services.LastOrDefault(service =>
            service.ServiceType == typeof(IBuildRunner) && Equals(service.ServiceKey, serviceKey));
        var name = serviceKey ?? Options.Options.DefaultName;
        services.AddSourceOptions(
            name,
            configure,
            options => (options.ServiceKey, options.HasRunner) = (name, inner is not null),
            new MergedRefsOptionsValidator());
        if (inner is not null)
        {
            services.Remove(inner);
            services.Add(Move(inner, innerKey));
        }

        if (services.Any(service => service.ServiceType == typeof(IGitBuildEngine) && Equals(service.ServiceKey, serviceKey)))
        {
            services.PostConfigure<GitBuildRunnerOptions>(name, static options => options.IsMerged = true);
        }

        services.AddKeyedSingleton<IMergedRefsEngine>(serviceKey, (provider, _) => CreateEngine(provider, innerKey, name));
        services.AddSingleton<IHostedService>(provider =>
            new MergedRefsHost(() => provider.GetRequiredKeyedService<IMergedRefsEngine>(serviceKey)));
        services.AddKeyedSingleton<IBuildRunner>(serviceKey, (provider, _) =>
        {
            // First, because it sets the options that the inner runner is created with.
            var engine = provider.GetRequiredKeyedService<IMergedRefsEngine>(serviceKey);
            return new MergedRefsBuildRunner(provider.GetRequiredKeyedService<IBuildRunner>(innerKey), engine);
        });
        return services;
    }

    // The container keeps owning the runner, unless it was given an instance.
    private static ServiceDescriptor Move(ServiceDescriptor runner, InnerRunnerKey key)
    {
        var (type, lifetime) = (runner.ServiceType, runner.Lifetime);
        if (runner.IsKeyedService)
        {
            return runner.KeyedImplementationInstance is { } keyed ? new ServiceDescriptor(type, key, keyed)
                : runner.KeyedImplementationFactory is { } make
                    ? new ServiceDescriptor(type, key, (provider, _) => make(provider, runner.ServiceKey), lifetime)
                : new ServiceDescriptor(type, key, runner.KeyedImplementationType!, lifetime);
        }

        return runner.ImplementationInstance is { } instance ? new ServiceDescriptor(type, key, instance)
            : runner.ImplementationFactory is { } create ? new ServiceDescriptor(type, key, (provider, _) => create(provider), lifetime)
            : new ServiceDescriptor(type, key, runner.ImplementationType!, lifetime);
    }

    private static MergedRefsEngine CreateEngine(IServiceProvider provider, InnerRunnerKey innerKey, string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Merged refs need Linux.");
        }

        var options = provider.GetSourceOptions<MergedRefsOptions>(name, owner: $"{name} (merged refs)");
        if (options.PipelineFrom == MergedRefsPipeline.Head
            && provider.GetKeyedService<HttpBuildRunnerOptions>(innerKey.ServiceKey) is { } http)
        {
            http.Changes = ChangesForm.Merged;
        }

        return new MergedRefsEngine(
            provider.GetRequiredKeyedService<IBuildRunner>(innerKey),
            options,
            provider.GetTimeProvider(),
            provider.GetLogger<MergedRefsOptions>(),
            provider.GetService<MergedStepReached>());
    }
}
