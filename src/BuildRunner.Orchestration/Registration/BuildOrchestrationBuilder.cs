using System.Diagnostics.CodeAnalysis;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration;

/// <summary>Represents the builder of the orchestration: its database, runners and observers.</summary>
/// <remarks>Validated when the host starts.</remarks>
public sealed class BuildOrchestrationBuilder : IQueueBuilder
{
    internal BuildOrchestrationBuilder(IServiceCollection services) => Services = services;

    /// <inheritdoc/>
    public IServiceCollection Services { get; }

    /// <summary>Adds a runner whose builds this process triggers and polls: the <see cref="IBuildRunner"/> registered with the name as its
    /// key.</summary>
    /// <param name="name">The name that submissions use: 1 to 100 characters. It is stored with each build, so avoid changing it.</param>
    /// <param name="configure">Sets the options, or <see langword="null"/> for the defaults.</param>
    /// <returns>The builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, too long, has U+0000 or ill-formed UTF-16, or ends with
    /// <c>_dlq</c>.</exception>
    public BuildOrchestrationBuilder AddRunner(string name, Action<BuildRunnerOptions>? configure = null)
    {
        var (trigger, signal) = (BuildTopics.TriggerOf(name), BuildTopics.SignalOf(name));
        Register(name, isLocal: true, configure);
        if (Has<TriggerHandler>(trigger))
        {
            // Validation reports it when the host starts. Second consumers would fail first.
            return this;
        }

        AddConsumer<TriggerHandler>(trigger, name);
        AddConsumer<PollHandler>(signal, name);
        Services.AddOptions<ConsumerOptions>(signal).Configure<RunnerClients>(
            (consumer, clients) => consumer.Concurrency = clients.PollConcurrencyOf(name));
        var dispatch = BuildTopics.DispatchOf(name);
        AddDispatch(dispatch, name);
        AddDispatch(Topic.DeadLettersOf(dispatch), name);
        AddConsumer<DeadLetterHandler>(Topic.DeadLettersOf(trigger), name);
        AddConsumer<DeadLetterHandler>(Topic.DeadLettersOf(signal), name);
        AddDeadlines();
        return this;
    }

    /// <summary>Names a runner of another process, so that this process accepts its builds and uses its options for their deadlines. A
    /// process that knows no runners accepts every name.</summary>
    /// <param name="name">The name that submissions use: 1 to 100 characters.</param>
    /// <param name="configure">Sets the options, the same as in the other process, or <see langword="null"/> for the defaults.</param>
    /// <returns>The builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, too long, has U+0000 or ill-formed UTF-16, or ends with
    /// <c>_dlq</c>.</exception>
    public BuildOrchestrationBuilder AddRemoteRunner(string name, Action<BuildRunnerOptions>? configure = null)
    {
        _ = BuildTopics.TriggerOf(name);
        Register(name, isLocal: false, configure);
        return this;
    }

    /// <summary>Adds an observer of changed builds. Observers are called in the order in which they were added, even if others fail. If one
    /// fails, all are called again.</summary>
    /// <typeparam name="TObserver">The observer. It is added as a scoped service unless it is registered. Each change has its own scope.
    /// The host creates one as it starts, to validate it.</typeparam>
    /// <param name="configure">Sets the options of all observers, or <see langword="null"/> for the defaults.</param>
    /// <returns>The builder, so that calls can be chained.</returns>
    /// <remarks>Any process with observers may take a change, so all of them need the same ones. Adding an observer twice has no
    /// effect.</remarks>
    public BuildOrchestrationBuilder AddObserver<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TObserver>(
        Action<BuildObserverOptions>? configure = null)
        where TObserver : class, IBuildObserver
    {
        Services.Configure(configure ?? (static _ => { }));
        if (!Services.Any(
            static service => service.ImplementationInstance is ObserverRegistration known && known.Type == typeof(TObserver)))
        {
            Services.TryAddScoped<TObserver>();
            Services.AddSingleton(new ObserverRegistration(typeof(TObserver), static provider => provider.GetRequiredService<TObserver>()));
        }

        AddDeadlines();
        return AddChanges();
    }

    /// <summary>Drops changes of builds, for programs without observers. A process that neither calls this nor adds an observer leaves
    /// changes to other processes and logs a warning as it starts; if no process takes them, messages pile up.</summary>
    /// <returns>The builder, so that calls can be chained.</returns>
    public BuildOrchestrationBuilder IgnoreChanges() => AddChanges();

    /// <summary>Sets the options of all builds.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public BuildOrchestrationBuilder Configure(Action<BuildOrchestrationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    // There is one message. What becomes a dead letter is done all the same.
    private void AddDispatch(string topic, string runner)
    {
        AddConsumer<DispatchHandler>(topic, runner);
        Services.AddOptions<ConsumerOptions>(topic).Configure(static consumer => consumer.Concurrency = 1);
    }

    // Every process with runners or observers keeps deadlines, even those of runners that no process has.
    private void AddDeadlines()
    {
        if (!Has<DeadlineHandler>(BuildTopics.Deadline))
        {
            Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BuildRetention>());

            // A long outage of the database may turn deadlines into dead letters. They still hold.
            Services.AddQueue()
                .AddConsumer<DeadlineHandler>(BuildTopics.Deadline)
                .AddConsumer<DeadlineHandler>(Topic.DeadLettersOf(BuildTopics.Deadline))
                .AddConsumer<GroupHandler>(BuildTopics.Group)
                .AddConsumer<GroupHandler>(Topic.DeadLettersOf(BuildTopics.Group));
        }
    }

    private BuildOrchestrationBuilder AddChanges()
    {
        if (Has<ChangeHandler>(BuildTopics.Change))
        {
            return this;
        }

        Services.AddQueue().AddConsumer<ChangeHandler>(BuildTopics.Change);
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
        return this;

        static TimeSpan LongestStep(IServiceProvider provider) => BuildObserverOptionsValidator.LongestStep(
            provider.GetRequiredService<IOptions<BuildObserverOptions>>().Value,
            provider.GetServices<ObserverRegistration>().Count());
    }

    private bool Has<THandler>(string topic) => Services.Any(service =>
        service.ImplementationInstance is ConsumerRegistration known && known.Topic == topic && known.HandlerType == typeof(THandler));

    private void Register(string name, bool isLocal, Action<BuildRunnerOptions>? configure)
    {
        Services.AddSingleton(new RunnerRegistration(name, isLocal));
        Services.AddOptions<BuildRunnerOptions>(name).Configure(configure ?? (static _ => { })).ValidateOnStart();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BuildRunnerOptions>, BuildRunnerOptionsValidator>());
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RunnerGauges>());
    }

    private void AddConsumer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        string topic, string runner)
        where THandler : class, IMessageHandler
    {
        Services.AddQueue().AddConsumer<THandler>(topic);
        Services.AddOptions<ConsumerOptions>(topic).Configure<IOptionsMonitor<BuildRunnerOptions>>((consumer, options) =>
        {
            consumer.Concurrency = options.Get(runner).Concurrency;
            consumer.HandlerTimeout = RunnerTimes.LongestStep(options.Get(runner));

            // Half an hour on average. The fault is this program's or its database's, and a dead letter ends a build.
            consumer.MaxAttempts = 20;
        });
        Services.AddSingleton<IValidateOptions<ConsumerOptions>>(provider => new StepTimeValidator(
            topic,
            $"the calls of the runner '{runner}'",
            () => RunnerTimes.LongestStep(provider.GetRequiredService<IOptionsMonitor<BuildRunnerOptions>>().Get(runner))));
    }
}

internal sealed record RunnerRegistration(string Name, bool IsLocal);

/// <summary>Represents an observer. It is not registered by its interface, because a scope disposes what a factory returns, even if
/// something else owns it.</summary>
internal sealed record ObserverRegistration(Type Type, Func<IServiceProvider, IBuildObserver> Resolve);
