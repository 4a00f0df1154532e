using System.Data.Common;
using System.Net.Sockets;
using BuildRunner.Orchestration.Tests.Handling;
using BuildRunner.Orchestration.Tests.Hosting;
using BuildRunner.Queue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Tests.Stores;

/// <summary>A database that comes up after the program is waited for, once, and not for ever.</summary>
public sealed class StoreStartTests : IAsyncDisposable
{
    private static readonly TimeSpan Bound = new BuildOrchestrationOptions().DatabaseStartTimeout;

    private readonly WatchedTime _time = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly IBuildStore _store = Substitute.For<IBuildStore>();
    private readonly RecordedLog _log = new();
    private ServiceProvider? _services;
    private Func<Exception?> _failure = static () => null;
    private int _reads;

    public StoreStartTests()
    {
        _store.ReadAsync(Arg.Any<string>(), Arg.Any<CancellationToken>()).Returns(_ => Read());
        _store.TryCreateAsync(null!, null!, default).ReturnsForAnyArgs(true);
    }

    public static TheoryData<Exception> Passing => [new TestDbException(isTransient: true), new SocketException(), new TimeoutException()];

    public ValueTask DisposeAsync() => _services?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Passing), DisableDiscoveryEnumeration = true)]
    public async Task A_submission_waits_until_the_database_is_there(Exception failure)
    {
        _failure = () => _time.GetUtcNow() < _time.Start.AddSeconds(20) ? failure : null;

        var submitted = SubmitAsync(Start());
        await _time.RunUntilAsync(submitted, TimeSpan.FromSeconds(10));

        (await submitted).Key.Should().Be("build-1");
        (_time.GetUtcNow() - _time.Start).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(20)).And.BeLessThan(TimeSpan.FromSeconds(25));
        _log.Entries.Should().ContainSingle(static entry => entry.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task A_submission_does_not_wait_for_ever()
    {
        TestDbException failure = new(isTransient: true);
        _failure = () => failure;

        var submitted = SubmitAsync(Start());
        await _time.RunUntilAsync(submitted, TimeSpan.FromSeconds(10));

        (await submitted.Invoking(it => it).Should().ThrowAsync<TestDbException>()).Which.Should().BeSameAs(failure);
        (_time.GetUtcNow() - _time.Start).Should().BeGreaterThan(Bound / 2).And.BeLessThanOrEqualTo(Bound + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_database_that_was_there_once_is_not_waited_for()
    {
        var orchestrator = Start();
        await SubmitAsync(orchestrator);
        _failure = static () => new TestDbException(isTransient: true);

        await orchestrator.Invoking(SubmitAsync).Should().ThrowAsync<TestDbException>();

        _reads.Should().Be(2);
    }

    [Fact]
    public async Task Nobody_waits_where_the_time_is_zero()
    {
        _failure = static () => new TestDbException(isTransient: true);

        await Start(static options => options.DatabaseStartTimeout = TimeSpan.Zero).Invoking(SubmitAsync).Should().ThrowAsync<TestDbException>();
    }

    [Fact]
    public async Task Credentials_that_are_refused_are_not_waited_for()
    {
        _failure = static () => new TestDbException(isTransient: false);

        await Start().Invoking(SubmitAsync).Should().ThrowAsync<TestDbException>();
    }

    [Fact]
    public async Task The_wait_ends_with_the_token()
    {
        using CancellationTokenSource cancellation = new();
        _failure = static () => new TestDbException(isTransient: true);

        var submitted = Start().SubmitAsync(Submissions.Of(key: "build-1"), cancellation.Token);
        await cancellation.CancelAsync();

        await submitted.Invoking(it => it).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task The_host_starts_when_the_database_is_there()
    {
        var tries = 0;
        var store = Substitute.For<IBuildStore>();
        store.ReadAsync(Arg.Any<Guid>(), Arg.Any<CancellationToken>()).Returns(_ => ++tries < 3 ? throw new TestDbException(isTransient: true) : new BuildReading { Now = _time.Start });
        using var host = StageHost.Create(services =>
        {
            services.AddSingleton<TimeProvider>(_time);
            services.AddQueue().UseInMemory();
            services.AddBuildOrchestration();
            services.AddSingleton(store);
        });

        var start = host.StartAsync();
        await _time.RunUntilAsync(start, TimeSpan.FromSeconds(10));

        await start;
        tries.Should().Be(3);
        await host.StopAsync();
    }

    private static Task<Build> SubmitAsync(IBuildOrchestrator orchestrator) => orchestrator.SubmitAsync(Submissions.Of(key: "build-1"));

    private IBuildOrchestrator Start(Action<BuildOrchestrationOptions>? configure = null)
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(_time);
        services.AddLogging(logging => logging.AddProvider(_log));
        services.AddQueue().UseInMemory();
        services.AddBuildOrchestration(configure ?? (static _ => { }));
        services.AddSingleton(_store);
        _services = services.BuildServiceProvider();
        return _services.GetRequiredService<IBuildOrchestrator>();
    }

    private Task<BuildReading> Read()
    {
        _reads++;
        return _failure() is { } failure ? Task.FromException<BuildReading>(failure) : Task.FromResult(new BuildReading { Now = _time.GetUtcNow() });
    }

    private sealed class TestDbException(bool isTransient) : DbException("The database is not there.")
    {
        public override bool IsTransient => isTransient;
    }
}
