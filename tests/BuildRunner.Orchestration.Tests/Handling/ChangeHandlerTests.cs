using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

public sealed class ChangeHandlerTests : IAsyncDisposable
{
    private static readonly TimeSpan Safety = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CallTimeout = new BuildObserverOptions().CallTimeout;

    private readonly First _first = new();
    private readonly Second _second = new();
    private readonly HandlerFixture _fixture;

    public ChangeHandlerTests() => _fixture = new(configure: stage =>
    {
        stage.Services.AddSingleton(_first).AddSingleton(_second);
        stage.AddObserver<First>().AddObserver<Second>();
    });

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task All_observers_are_told_and_the_change_is_done()
    {
        (await DeliverAsync()).Should().Be(Outcome.Done);

        _first.Told.Should().Equal(_fixture.Current!);
        _second.Told.Should().Equal(_fixture.Current!);
    }

    [Fact]
    public async Task A_failure_of_the_first_observer_keeps_the_second_from_nothing()
    {
        _first.OnChanged = static _ => throw new InvalidOperationException("The owner is away.");

        await FluentActions.Awaiting(() => DeliverAsync()).Should().ThrowAsync<Exception>();

        _second.Told.Should().ContainSingle();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_observer_that_hangs_keeps_the_second_from_nothing(bool looksAtItsToken)
    {
        _first.OnChanged = token => looksAtItsToken ? Task.Delay(Timeout.Infinite, token) : new TaskCompletionSource().Task;
        var handling = DeliverAsync();

        _fixture.Time.Advance(CallTimeout);

        await FluentActions.Awaiting(() => handling.WaitAsync(Safety)).Should().ThrowAsync<Exception>("its time-out is a failure of it");
        _second.Told.Should().ContainSingle();
        _second.WasInTime.Should().BeTrue("each observer has the whole time");
    }

    [Fact]
    public async Task A_stop_reaches_the_observer_that_is_being_told_and_nobody_is_told_after_it()
    {
        using CancellationTokenSource stop = new();
        _first.OnChanged = static token => Task.Delay(Timeout.Infinite, token);
        var handling = DeliverAsync(stop.Token);

        await stop.CancelAsync();

        await FluentActions.Awaiting(() => handling.WaitAsync(Safety)).Should().ThrowAsync<OperationCanceledException>();
        _second.Told.Should().BeEmpty();
    }

    [Fact]
    public async Task Each_is_told_of_the_build_as_it_is_by_then()
    {
        _first.OnChanged = _ =>
        {
            _fixture.Current = _fixture.Current! with { Status = BuildStatus.Succeeded, Version = _fixture.Current.Version + 1 };
            return Task.CompletedTask;
        };

        await DeliverAsync();

        _second.Told.Should().Equal(_fixture.Current!);
    }

    private Task<Outcome> DeliverAsync(CancellationToken cancellationToken = default) => _fixture.DeliverAsync<ChangeHandler>(cancellationToken: cancellationToken);

    private abstract class Owner : IBuildObserver
    {
        public List<Build> Told { get; } = [];

        public Func<CancellationToken, Task> OnChanged { get; set; } = static _ => Task.CompletedTask;

        public bool WasInTime { get; private set; }

        public async Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
        {
            Told.Add(build);
            WasInTime = !cancellationToken.IsCancellationRequested;
            await OnChanged(cancellationToken);
        }

    }

    private sealed class First : Owner;

    private sealed class Second : Owner;
}
