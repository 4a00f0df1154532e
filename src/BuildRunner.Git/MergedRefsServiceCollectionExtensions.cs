using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Logs;
using BuildRunner.Git.Merged;
using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of merged refs.
/// </summary>
/// <remarks>Resolving the runner on anything but Linux throws <see cref="PlatformNotSupportedException"/>.</remarks>
public static class MergedRefsServiceCollectionExtensions
{
    /// <summary>
    /// Has the <see cref="IBuildRunner"/> that was added before build merged commits, which are pushed under references of their own.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A decorator takes the place of the runner. Where there is none, the host does not start. It has what the runner has, and <see cref="IMergedRefs"/>. Goes by the <see cref="TimeProvider"/> and logs to the <see cref="ILoggerFactory"/> of the services, where there are any. Adds an <see cref="IHostedService"/> as well, which deletes now and then what is not needed any more.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The runner has merged refs already.</exception>
    public static IServiceCollection AddMergedRefs(this IServiceCollection services, Action<MergedRefsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.Add(serviceKey: null, configure);
    }

    /// <summary>
    /// Has the <see cref="IBuildRunner"/> of a key that was added before build merged commits, which are pushed under references of their own.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="serviceKey">The key of the runner, which is the name of the options as well and therefore a string that is not empty.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>As without a key. Hosts that work together on one remote use the same key.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">The runner has merged refs already.</exception>
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
            throw new InvalidOperationException($"The runner {(serviceKey is null ? "without a key" : $"'{serviceKey}'")} has merged refs already; call AddMergedRefs for it once.");
        }

        var inner = services.LastOrDefault(service => service.ServiceType == typeof(IBuildRunner) && Equals(service.ServiceKey, serviceKey));
        var name = serviceKey ?? Options.Options.DefaultName;
        services.TryAddSingleton<StateDirectories>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MergedRefsOptions>, MergedRefsOptionsValidator>());
        services.AddOptions<MergedRefsOptions>(name).Configure(configure).PostConfigure(options => (options.ServiceKey, options.HasRunner) = (name, inner is not null)).ValidateOnStart();
        if (inner is not null)
        {
            services.Remove(inner);
            services.Add(Move(inner, innerKey));
        }

        services.AddKeyedSingleton<IMergedRefsEngine>(serviceKey, (provider, _) => CreateEngine(provider, innerKey, name));
        services.AddSingleton<IHostedService>(provider => new MergedRefsHost(() => provider.GetRequiredKeyedService<IMergedRefsEngine>(serviceKey)));
        services.AddKeyedSingleton<IBuildRunner>(serviceKey, (provider, _) =>
        {
            // First, because it sets up what the runner is made with.
            var engine = provider.GetRequiredKeyedService<IMergedRefsEngine>(serviceKey);
            return new MergedRefsBuildRunner(provider.GetRequiredKeyedService<IBuildRunner>(innerKey), engine);
        });
        return services;
    }

    // The container disposes of it as before: not of an instance that it was given.
    private static ServiceDescriptor Move(ServiceDescriptor runner, InnerRunnerKey key)
    {
        if (runner.IsKeyedService)
        {
            return runner.KeyedImplementationInstance is { } keyed ? new ServiceDescriptor(runner.ServiceType, key, keyed)
                : runner.KeyedImplementationFactory is { } make ? new ServiceDescriptor(runner.ServiceType, key, (provider, _) => make(provider, runner.ServiceKey), runner.Lifetime)
                : new ServiceDescriptor(runner.ServiceType, key, runner.KeyedImplementationType!, runner.Lifetime);
        }

        return runner.ImplementationInstance is { } instance ? new ServiceDescriptor(runner.ServiceType, key, instance)
            : runner.ImplementationFactory is { } create ? new ServiceDescriptor(runner.ServiceType, key, (provider, _) => create(provider), runner.Lifetime)
            : new ServiceDescriptor(runner.ServiceType, key, runner.ImplementationType!, runner.Lifetime);
    }

    private static MergedRefsEngine CreateEngine(IServiceProvider provider, InnerRunnerKey innerKey, string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Merged refs are made on Linux only.");
        }

        var options = provider.GetRequiredService<IOptionsMonitor<MergedRefsOptions>>().Get(name);
        if (options.PipelineFrom == MergedRefsPipeline.Head && provider.GetKeyedService<HttpBuildRunnerOptions>(innerKey.ServiceKey) is { } http)
        {
            http.Changes = ChangesForm.Merged;
        }

        if (StateDirectory.TryFindPathOf(options) is { } directory)
        {
            provider.GetRequiredService<StateDirectories>().Take(directory, $"{name} (merged refs)");
        }

        return new MergedRefsEngine(
            provider.GetRequiredKeyedService<IBuildRunner>(innerKey),
            options,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            new HarmlessLogger((provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<MergedRefsOptions>()),
            provider.GetService<MergedStepReached>());
    }
}
