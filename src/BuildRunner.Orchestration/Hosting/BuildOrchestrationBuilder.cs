using System.Diagnostics.CodeAnalysis;
using BuildRunner.Orchestration.Handling;
using BuildRunner.Orchestration.Hosting;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration;

/// <summary>
/// Represents the build stage of a program while it is being set up: which runners it calls, and who is woken.
/// </summary>
/// <remarks>What cannot work is found when the host starts.</remarks>
public sealed class BuildOrchestrationBuilder
{
    internal BuildOrchestrationBuilder(IServiceCollection services) => Services = services;

    /// <summary>
    /// Gets the services that the build stage is added to.
    /// </summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Has this process trigger and poll the builds of a runner: the <see cref="IBuildRunner"/> that is registered with this name as its key.
    /// </summary>
    /// <param name="name">The name that submissions use: 1 to 100 characters. It is stored with each build, so it is not changed lightly.</param>
    /// <param name="configure">Sets how the runner is called, or <see langword="null"/> for the defaults.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, too long, has U+0000 or ill-formed UTF-16, or ends with <c>_dlq</c>.</exception>
    public BuildOrchestrationBuilder AddRunner(string name, Action<BuildRunnerOptions>? configure = null)
    {
        var trigger = BuildTopics.TriggerOf(name);
        var signal = BuildTopics.SignalOf(name);
        Services.AddSingleton(new RunnerRegistration(name));
        Services.AddOptions<BuildRunnerOptions>(name).Configure(configure ?? (static _ => { })).ValidateOnStart();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BuildRunnerOptions>, BuildRunnerOptionsValidator>());
        AddConsumer<BuildHandler>(trigger, name);
        AddConsumer<BuildSignalHandler>(signal, name);
        AddConsumer<BuildDeadLetterHandler>(Topic.DeadLettersOf(trigger), name);
        AddConsumer<BuildDeadLetterHandler>(Topic.DeadLettersOf(signal), name);
        AddStage();
        return this;
    }

    /// <summary>
    /// Has someone told when builds change. Observers are told in the order in which they were added; if one fails, all are told again.
    /// </summary>
    /// <typeparam name="TObserver">The observer. It is added as a scoped service where it is not one yet; each change has a scope of its own.</typeparam>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <remarks>A change is taken by any process that has runners or observers, so all of them need the same observers.</remarks>
    public BuildOrchestrationBuilder AddObserver<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TObserver>()
        where TObserver : class, IBuildObserver
    {
        Services.TryAddScoped<TObserver>();
        Services.AddScoped<IBuildObserver>(static provider => provider.GetRequiredService<TObserver>());
        AddStage();
        return this;
    }

    /// <summary>
    /// Sets what holds for all builds.
    /// </summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public BuildOrchestrationBuilder Configure(Action<BuildOrchestrationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    // What every process does that does anything for builds.
    private void AddStage()
    {
        if (Services.Any(static service => service.ServiceType == typeof(StageRegistration)))
        {
            return;
        }

        Services.AddSingleton<StageRegistration>();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BuildRetention>());
        AddQueue().AddConsumer<BuildDeadlineHandler>(BuildTopics.Deadline);

        // A deadline that could not be kept, because the database was away for long, is still one.
        AddQueue().AddConsumer<BuildDeadlineHandler>(Topic.DeadLettersOf(BuildTopics.Deadline));
        AddQueue().AddConsumer<BuildChangeHandler>(BuildTopics.Change);
        Services.AddOptions<ConsumerOptions>(BuildTopics.Change).Configure<IOptions<BuildOrchestrationOptions>>(static (consumer, options) => consumer.HandlerTimeout = options.Value.ObserverTimeout);
    }

    private QueueBuilder AddQueue() => Services.AddQueue();

    private void AddConsumer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string topic, string runner)
        where THandler : class, IMessageHandler
    {
        AddQueue().AddConsumer<THandler>(topic);
        Services.AddOptions<ConsumerOptions>(topic).Configure<IOptionsMonitor<BuildRunnerOptions>>((consumer, options) =>
        {
            consumer.Concurrency = options.Get(runner).Concurrency;
            consumer.HandlerTimeout = RunnerTimes.LongestStep(options.Get(runner));
        });
        Services.AddSingleton<IValidateOptions<ConsumerOptions>>(provider => new StepTimeValidator(topic, runner, provider.GetRequiredService<IOptionsMonitor<BuildRunnerOptions>>()));
    }
}
