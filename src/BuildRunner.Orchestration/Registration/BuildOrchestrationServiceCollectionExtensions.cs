using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides an extension method that registers the orchestration.</summary>
public static class BuildOrchestrationServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="IBuildOrchestrator"/> and its queue. Choose the database of both on the builder, for example with
    /// <c>UseSqlite</c>.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The builder of the orchestration, the same for each call. A process without runners and observers can submit, cancel,
    /// signal and list builds, and leaves the rest to other processes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static BuildOrchestrationBuilder AddBuildOrchestration(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddQueue();
        services.AddOptions<BuildOrchestrationOptions>().ValidateOnStart();
        services.AddOptions<BuildObserverOptions>().ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<BuildOrchestrationOptions>, BuildOrchestrationOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BuildObserverOptions>, BuildObserverOptionsValidator>());
        services.TryAddSingleton(CreateStore);
        services.TryAddSingleton(typeof(HarmlessLogger<>));
        services.TryAddSingleton<BuildTelemetry>();
        services.TryAddSingleton(RunnerThreads.Default);
        services.TryAddSingleton<RunnerClients>();
        services.TryAddSingleton<BuildEnds>();
        services.TryAddSingleton<DocumentTurns>();
        services.TryAddSingleton<RunnerControls>();
        services.TryAddSingleton<RunnerPauses>();
        services.TryAddSingleton<BuildUpdater>();
        services.TryAddSingleton<SavePause>();
        services.TryAddSingleton<TriggerAnswers>();
        services.TryAddSingleton<TriggerCalls>();
        services.TryAddSingleton<NewBuilds>();
        services.TryAddSingleton<SingleSubmitter>();
        services.TryAddSingleton<BulkSubmitter>();
        services.TryAddSingleton<GroupStore>();
        services.TryAddSingleton<GroupSubmitter>();
        services.TryAddSingleton<IBuildOrchestrator, BuildOrchestrator>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OrchestrationHostedService>());
        return new BuildOrchestrationBuilder(services);
    }

    // The package of the database registers its store under the key of the engine.
    private static IBuildStore CreateStore(IServiceProvider provider) => provider.GetRequiredService<IQueueEngine>() switch
    {
        InMemoryQueueEngine engine => new InMemoryBuildStore(engine, provider.GetRequiredService<TimeProvider>()),
        var engine => provider.GetKeyedService<IBuildStore>(typeof(IQueueEngine))
            ?? throw new InvalidOperationException(
                $"The queue '{engine.Name}' has no store for builds; choose a database whose package has one."),
    };
}
