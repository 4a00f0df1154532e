using BuildRunner.Orchestration;
using BuildRunner.Orchestration.Configuration;
using BuildRunner.Orchestration.Registration;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue.Engines;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of the orchestration.
/// </summary>
public static class BuildOrchestrationServiceCollectionExtensions
{
    /// <summary>
    /// Adds an <see cref="IBuildOrchestrator"/>, and the queue that <c>AddQueue</c> adds. Choose the database of both on what is returned,
    /// by <c>UseSqlite</c> for example.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>What the database, runners and observers are added to. A second call returns the same orchestration. A process without
    /// either can submit, cancel, signal and list, and leaves the rest to others.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static BuildOrchestrationBuilder AddBuildOrchestration(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddQueue();
        services.AddOptions<BuildOrchestrationOptions>().ValidateOnStart();
        services.AddOptions<BuildObserverOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BuildOrchestrationOptions>, BuildOrchestrationOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BuildObserverOptions>, BuildObserverOptionsValidator>());
        services.TryAddSingleton(CreateStore);
        services.TryAddSingleton(typeof(HarmlessLogger<>));
        services.TryAddSingleton<BuildTelemetry>();
        services.TryAddSingleton(RunnerThreads.Default);
        services.TryAddSingleton<RunnerClients>();
        services.TryAddSingleton<BuildEnds>();
        services.TryAddSingleton<BuildUpdater>();
        services.TryAddSingleton<SavePause>();
        services.TryAddSingleton<BuildAnswers>();
        services.TryAddSingleton<TriggerCalls>();
        services.TryAddSingleton<IBuildOrchestrator, BuildOrchestrator>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OrchestrationHostedService>());
        return new BuildOrchestrationBuilder(services);
    }

    /// <summary>
    /// Adds an <see cref="IBuildOrchestrator"/>, and the queue that <c>AddQueue</c> adds. Choose the database of both on what is returned,
    /// by <c>UseSqlite</c> for example.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets what holds for all builds.</param>
    /// <returns>What the database, runners and observers are added to.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is
    /// <see langword="null"/>.</exception>
    public static BuildOrchestrationBuilder AddBuildOrchestration(this IServiceCollection services, Action<BuildOrchestrationOptions> configure) =>
        services.AddBuildOrchestration().Configure(configure);

    // What the database of the queue brings comes under the key of the engine.
    private static IBuildStore CreateStore(IServiceProvider provider) => provider.GetRequiredService<IQueueEngine>() switch
    {
        InMemoryQueueEngine engine => new InMemoryBuildStore(engine, provider.GetRequiredService<TimeProvider>()),
        var engine => provider.GetKeyedService<IBuildStore>(typeof(IQueueEngine))
            ?? throw new InvalidOperationException(
                $"The queue '{engine.Name}' has no store for builds; use a queue of a package that brings one."),
    };
}
