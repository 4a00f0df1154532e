using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BuildRunner.Orchestration.Tests.Stage;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>The handlers on a runner and a store that are substitutes. The store holds one build and saves by compare-and-set, as every store does.</summary>
internal sealed class HandlerFixture : IAsyncDisposable
{
    public static readonly BuildId RemoteId = new("remote-1");

    private readonly ServiceProvider _services;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _postpones = [];
    private TaskCompletionSource? _nextSave;

    public HandlerFixture(IBuildRunner? runner = null, Action<BuildOrchestrationBuilder>? configure = null, Action<BuildRunnerOptions>? configureRunner = null)
    {
        Runner = runner ?? Substitute.For<IBuildRunner, IBuildFinder>();
        Current = NewBuild();
        Store.ReadAsync(Arg.Any<Guid>(), Arg.Any<CancellationToken>()).Returns(_ => new BuildReading { Build = Current, Now = Now });
        Store.TryUpdateAsync(Arg.Any<Build>(), Arg.Any<IReadOnlyList<OutgoingMessage>>(), Arg.Any<CancellationToken>()).Returns(call => TryUpdateAsync(call.Arg<Build>(), call.Arg<IReadOnlyList<OutgoingMessage>>(), call.Arg<CancellationToken>()));
        Store.TryUpdateAsync(Arg.Any<Build>(), Arg.Any<IReadOnlyList<OutgoingMessage>>(), Arg.Any<DocumentGuard>(), Arg.Any<CancellationToken>()).Returns(call => TryUpdateAsync(call.Arg<Build>(), call.Arg<IReadOnlyList<OutgoingMessage>>(), call.Arg<CancellationToken>()));
        Store.TryCommitAsync(Arg.Any<BuildCommit>(), Arg.Any<CancellationToken>()).Returns(call => TryUpdateAsync(call.Arg<BuildCommit>().Updated.Single(), call.Arg<BuildCommit>().Messages, call.Arg<CancellationToken>()));
        Store.ListDocumentsAsync(Arg.Any<string>(), Arg.Any<int>(), Arg.Any<string?>(), Arg.Any<CancellationToken>()).Returns(_ => new DocumentReading { Documents = [], Now = Now });
        Store.ReadDocumentsAsync(Arg.Any<IReadOnlyList<string>>(), Arg.Any<CancellationToken>()).Returns(_ => new DocumentReading { Documents = [.. Documents.Values], Now = Now });
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Time);
        services.AddQueue().UseInMemory();
        services.AddKeyedSingleton("ci", Runner);
        services.AddMetrics();
        services.AddLogging(logging => logging.AddProvider(Log));
        var stage = services.AddBuildOrchestration().AddRunner("ci", options =>
        {
            options.CallsPerSecond = null;
            configureRunner?.Invoke(options);
        });
        services.AddSingleton(Store);
        services.AddSingleton(new RunnerThreads(new InlineScheduler()));
        configure?.Invoke(stage);
        _services = services.BuildServiceProvider();
        ListenToPostpones(_services.GetRequiredService<IMeterFactory>());
    }

    /// <summary>Gets the clock, which says when somebody begins to wait.</summary>
    public WatchedTime Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public RecordedLog Log { get; } = new();

    public IServiceProvider Services => _services;

    /// <summary>Gets why steps were put off, in their order.</summary>
    public IReadOnlyCollection<string> Postpones => _postpones;

    public DateTimeOffset Now => Time.GetUtcNow();

    public IBuildStore Store { get; } = Substitute.For<IBuildStore>();

    public IBuildRunner Runner { get; }

    public IBuildFinder Finder => (IBuildFinder)Runner;

    /// <summary>Gets or sets the record that the store has, or null for none.</summary>
    public Build? Current { get; set; }

    /// <summary>Gets the documents that the store has.</summary>
    public Dictionary<string, BuildDocument> Documents { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets what somebody else does just before each of the next saves, which is lost by it.</summary>
    public Queue<Func<Build, Build>> Interferences { get; } = new();

    /// <summary>Gets or sets what each save waits for.</summary>
    public Func<Build, Task> BeforeSave { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Gets or sets whether saves fail.</summary>
    public Func<bool> IsAway { get; set; } = static () => false;

    /// <summary>Gets or sets whether what was saved is answered by nothing.</summary>
    public Func<Build, bool> IsLost { get; set; } = static _ => false;

    public List<(Build Build, IReadOnlyList<OutgoingMessage> OutgoingMessages, CancellationToken Token)> Saved { get; } = [];

    /// <summary>Completes with the next save.</summary>
    public Task NextSaveAsync()
    {
        TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _nextSave = next;
        return next.Task;
    }

    public Build NewBuild()
    {
        var id = Guid.CreateVersion7(Now);
        return new()
        {
            Id = id,
            Key = "build-1",
            OwnerId = "queue-1",
            Runner = "ci",
            Request = new BuildRequest { Head = [Submissions.Change], TriggerKey = id.ToString() },
            CreatedAt = Now,
            UpdatedAt = Now,
            Deadline = Now.AddHours(6),
        };
    }

    public Build Running() => NewBuild() with { RemoteId = RemoteId, Status = BuildStatus.Running, Version = 3, Bookkeeping = new() { TriggerAttemptedAt = Now } };

    /// <summary>Makes what a runner has answered to the trigger of the current build.</summary>
    public TriggerAnswer Answer(BuildId remoteId) => new(
        new BuildReading { Build = Current, Now = Now, ReadAt = Time.GetTimestamp() },
        Services.GetRequiredService<RunnerClients>().Get("ci"),
        remoteId);

    public async Task<Outcome> DeliverAsync<THandler>(DeadLetterCause? cause = null, string suffix = "", CancellationToken cancellationToken = default)
        where THandler : IMessageHandler
    {
        await using var scope = _services.CreateAsyncScope();
        var id = (Current?.Id ?? Guid.CreateVersion7()) + suffix;
        return await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(
            new Delivery { Message = new Message { PartitionKey = id, Id = id }, Topic = "test", DueAt = Now, DeadLetterCause = cause }, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return _services.DisposeAsync();
    }

    // Of this container alone: others run at the same time.
    private void ListenToPostpones(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "buildrunner.orchestration.postpones")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _postpones.Enqueue($"{tags.ToArray().Single(tag => tag.Key == "buildrunner.orchestration.reason").Value}"));
        _listener.Start();
    }

    private async Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        await BeforeSave(build);
        if (IsAway())
        {
            throw new InvalidOperationException("The database is away.");
        }

        if (Interferences.TryDequeue(out var interfere))
        {
            Current = interfere(Current!) with { Version = Current!.Version + 1 };
        }

        if (build.Version != Current!.Version + 1)
        {
            return false;
        }

        Current = build;
        Saved.Add((build, publications, cancellationToken));
        Interlocked.Exchange(ref _nextSave, null)?.SetResult();
        return IsLost(build) ? throw new InvalidOperationException("The answer of the database was lost.") : true;
    }
}
