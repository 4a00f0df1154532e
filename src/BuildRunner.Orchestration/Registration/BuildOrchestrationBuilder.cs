using System.Diagnostics.CodeAnalysis;
using BuildRunner.Orchestration.Configuration;
using BuildRunner.Orchestration.Registration;
using BuildRunner.Orchestration.Retention;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration;

/// <summary>
/// Represents the orchestration of a program while it is being set up: which database it is in, which runners it calls, and who is told of
/// changes.
/// </summary>
/// <remarks>What cannot work is found when the host starts.</remarks>
public sealed class BuildOrchestrationBuilder : IQueueBuilder
{
    internal BuildOrchestrationBuilder(IServiceCollection services) => Services = services;

    /// <inheritdoc/>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Has this process trigger and poll the builds of a runner: the <see cref="IBuildRunner"/> that is registered with this name as its
    /// key.
    /// </summary>
    /// <param name="name">The name that submissions use: 1 to 100 characters. It is stored with each build, so it is not changed
    /// lightly.</param>
    /// <param name="configure">Sets how the runner is called, or <see langword="null"/> for the defaults.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, too long, has U+0000 or ill-formed UTF-16, or ends with
    /// <c>_dlq</c>.</exception>
    public BuildOrchestrationBuilder AddRunner(string name, Action<BuildRunnerOptions>? configure = null)
    {
        var trigger = BuildTopics.TriggerOf(name);
        var signal = BuildTopics.SignalOf(name);
        var isAdded = Services.Any(service => service.ImplementationInstance is RunnerRegistration { IsLocal: true } known && known.Name == name);
        Services.AddSingleton(new RunnerRegistration(name, IsLocal: true));
        AddOptionsOf(name, configure);
        if (isAdded)
        {
            // Found when the host starts. Second consumers would only blur what is said of it then.
            return this;
        }

        AddConsumer<TriggerHandler>(trigger, name);
        AddConsumer<PollHandler>(signal, name);
        Services.AddOptions<ConsumerOptions>(signal).Configure<RunnerClients>(
            (consumer, clients) => consumer.Concurrency = clients.PollConcurrencyOf(name));
        AddConsumer<DeadLetterHandler>(Topic.DeadLettersOf(trigger), name);
        AddConsumer<DeadLetterHandler>(Topic.DeadLettersOf(signal), name);
        AddStage();
        return this;
    }

    /// <summary>
    /// Says that another process has a runner, so that builds for it may be submitted here, and its deadlines are kept by its own options.
    /// A process that knows of no runner at all accepts every name.
    /// </summary>
    /// <param name="name">The name that submissions use: 1 to 100 characters.</param>
    /// <param name="configure">Sets how the runner is called, as the other process does: this one may have to keep its deadlines.
    /// <see langword="null"/> for the defaults.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, too long, has U+0000 or ill-formed UTF-16, or ends with
    /// <c>_dlq</c>.</exception>
    public BuildOrchestrationBuilder AddRemoteRunner(string name, Action<BuildRunnerOptions>? configure = null)
    {
        _ = BuildTopics.TriggerOf(name);
        AddOptionsOf(name, configure);
        Services.AddSingleton(new RunnerRegistration(name, IsLocal: false));
        return this;
    }

    /// <summary>
    /// Has someone told when builds change. Observers are told in the order in which they were added, each whether or not others fail; if
    /// one fails, all are told again.
    /// </summary>
    /// <typeparam name="TObserver">The observer. It is added as a scoped service where it is not one yet; each change has a scope of its
    /// own. One is made when the host starts, to see that it can be.</typeparam>
    /// <param name="configure">Sets how observers are told, or <see langword="null"/> for the defaults. It holds for all observers, because
    /// all are told of a change in one step.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <remarks>A change is taken by any process that has observers, so all of those need the same. Adding one twice adds it
    /// once.</remarks>
    public BuildOrchestrationBuilder AddObserver<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TObserver>(
        Action<BuildObserverOptions>? configure = null)
        where TObserver : class, IBuildObserver
    {
        if (configure is not null)
        {
            Services.Configure(configure);
        }

        if (!Services.Any(static service => service.ImplementationInstance is ObserverRegistration { Type: var type } && type == typeof(TObserver)))
        {
            Services.TryAddScoped<TObserver>();
            Services.AddSingleton(new ObserverRegistration(typeof(TObserver), static provider => provider.GetRequiredService<TObserver>()));
        }

        AddStage();
        AddChanges();
        return this;
    }

    /// <summary>
    /// Has changes of builds dropped, where no process wants to be told. Without it and without an observer, a process leaves changes to
    /// others that have some, and warns of it at its start: where there is none, their messages pile up without end.
    /// </summary>
    /// <returns>This builder, so that calls can be chained.</returns>
    public BuildOrchestrationBuilder IgnoreChanges()
    {
        AddChanges();
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

    // What every process does that does anything for builds: deadlines are kept also where no runner is left.
    private void AddStage()
    {
        if (Services.Any(static service => service.ServiceType == typeof(StageRegistration)))
        {
            return;
        }

        Services.AddSingleton<StageRegistration>();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BuildRetention>());
        AddQueue().AddConsumer<DeadlineHandler>(BuildTopics.Deadline);

        // A deadline that could not be kept, because the database was away for long, is still one.
        AddQueue().AddConsumer<DeadlineHandler>(Topic.DeadLettersOf(BuildTopics.Deadline));
    }

    private void AddChanges()
    {
        if (Services.Any(static service => service.ServiceType == typeof(ChangeRegistration)))
        {
            return;
        }

        Services.AddSingleton<ChangeRegistration>();
        AddQueue().AddConsumer<ChangeHandler>(BuildTopics.Change);
        Services.AddOptions<ConsumerOptions>(BuildTopics.Change).Configure<IServiceProvider>(static (consumer, provider) =>
        {
            var options = provider.GetRequiredService<IOptions<BuildObserverOptions>>().Value;
            consumer.Concurrency = options.Concurrency;
            consumer.HandlerTimeout = LongestStep(provider);
            consumer.MaxAttempts = options.MaxAttempts;
            consumer.RetryDelay = options.RetryDelay;
            consumer.MaxRetryDelay = options.MaxRetryDelay;
        });
        Services.AddSingleton<IValidateOptions<ConsumerOptions>>(static provider =>
            new StepTimeValidator(BuildTopics.Change, "the observers", () => LongestStep(provider)));

        static TimeSpan LongestStep(IServiceProvider provider) => ObserverTimes.LongestStep(
            provider.GetRequiredService<IOptions<BuildObserverOptions>>().Value,
            provider.GetServices<ObserverRegistration>().Count());
    }

    private void AddOptionsOf(string runner, Action<BuildRunnerOptions>? configure)
    {
        Services.AddOptions<BuildRunnerOptions>(runner).Configure(configure ?? (static _ => { })).ValidateOnStart();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BuildRunnerOptions>, BuildRunnerOptionsValidator>());
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

            // Half an hour on average. Failures are faults of this program or its database, and a dead letter ends a build.
            consumer.MaxAttempts = 20;
        });
        Services.AddSingleton<IValidateOptions<ConsumerOptions>>(provider => new StepTimeValidator(
            topic,
            $"the calls of the runner '{runner}'",
            () => RunnerTimes.LongestStep(provider.GetRequiredService<IOptionsMonitor<BuildRunnerOptions>>().Get(runner))));
    }
}
