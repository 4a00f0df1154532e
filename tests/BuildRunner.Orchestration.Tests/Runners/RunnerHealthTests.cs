using BuildRunner.Orchestration.Tests.Handling;
using BuildRunner.Queue;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Orchestration.Tests.Runners;

/// <summary>Reports about a runner that does not answer: for how long, and when calls to it stop.</summary>
public sealed class RunnerHealthTests : IAsyncDisposable
{
    // Four for each that may be under way.
    private const int MostAbandoned = 8;

    private static readonly TimeSpan CallTimeout = new BuildRunnerOptions().CallTimeout;

    private readonly List<TaskCompletionSource<BuildSnapshot>> _calls = [];
    private Action<BuildRunnerOptions>? _configure;
    private HandlerFixture? _fixture;

    private HandlerFixture Fixture => _fixture ??= new(configureRunner: options =>
    {
        options.Concurrency = 2;
        _configure?.Invoke(options);
    });

    private RunnerClient Client => Fixture.Services.GetRequiredService<RunnerClients>().Get("ci");

    public ValueTask DisposeAsync() => _fixture?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_runner_whose_calls_hang_is_degraded_for_as_long_as_none_is_made()
    {
        await HangAsync(MostAbandoned);

        Fixture.Time.Advance(TimeSpan.FromDays(1));

        var result = await CheckAsync();
        result.Status.Should().Be(HealthStatus.Degraded);
        result.Data.Should().ContainKey("failing: ci");
    }

    [Fact]
    public async Task A_runner_whose_calls_come_back_is_called_again_and_healthy_when_one_is_answered()
    {
        await HangAsync(MostAbandoned);
        Fixture.Time.Advance(TimeSpan.FromDays(1));
        _calls.ForEach(static call => call.SetResult(new BuildSnapshot { Status = BuildStatus.Running }));

        var isLet = await Client.Turns.TryEnterAsync(1, CancellationToken.None);
        Fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Running });
        await Client.StatusAsync(Guid.Empty, HandlerFixture.RemoteId, maxAge: null, CancellationToken.None);

        isLet.Should().BeTrue();
        (await CheckAsync()).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task That_no_call_is_made_any_more_is_logged_once_and_that_it_is_over_too()
    {
        await HangAsync(MostAbandoned);
        var errors = Fixture.Log.Entries.Count(static entry => entry.Level == LogLevel.Error);
        for (var poll = 0; poll < 3; poll++)
        {
            await PollAsync();
        }

        var later = Fixture.Log.Entries.Count(static entry => entry.Level == LogLevel.Error);
        var before = Fixture.Log.Entries.Count(static entry => entry.Level == LogLevel.Information);
        _calls.ForEach(static call => call.SetResult(new BuildSnapshot { Status = BuildStatus.Running }));

        (errors, later).Should().Be((1, 1));
        (Fixture.Log.Entries.Count(static entry => entry.Level == LogLevel.Information) - before).Should().Be(1);
    }

    [Fact]
    public async Task A_step_that_is_put_off_because_calls_hang_is_counted_as_such()
    {
        await HangAsync(MostAbandoned);

        await PollAsync();

        Fixture.Postpones.Should().Equal("hung_calls");
    }

    [Fact]
    public async Task A_failure_is_remembered_for_as_long_as_the_options_may_put_off_the_next_call()
    {
        _configure = static options => options.MaxRetryDelay = TimeSpan.FromHours(1);

        await ShouldBeRememberedAsync(new BuildRunnerException { IsTransient = true }, TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_failure_is_remembered_for_as_long_as_the_runner_asks_to_be_left_alone() =>
        await ShouldBeRememberedAsync(new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.FromHours(5) }, 1.2 * TimeSpan.FromHours(5));

    [Fact]
    public async Task A_failure_is_remembered_for_as_long_as_an_unknown_trigger_is_left_alone()
    {
        _configure = static options => (options.TriggerTimeout, options.Grace) = (TimeSpan.FromHours(1), TimeSpan.FromHours(3));

        await ShouldBeRememberedAsync(new HttpRequestException(), TimeSpan.FromHours(2.4));
    }

    [Fact]
    public async Task A_runner_that_refuses_every_poll_for_good_is_degraded() =>
        await ShouldBeRememberedAsync(new BuildRunnerException("The token has expired."), TimeSpan.FromMinutes(2));

    [Fact]
    public async Task A_build_that_is_not_known_is_an_answer()
    {
        await FailAsync(new HttpRequestException());

        await FailAsync(new BuildNotFoundException(HandlerFixture.RemoteId));

        Client.FailingFor.Should().BeNull();
    }

    [Fact]
    public async Task A_runner_that_refuses_every_poll_is_failing_also_while_it_takes_triggers_and_cancels()
    {
        await FailAsync(new BuildRunnerException("The token may not read."));

        Fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(HandlerFixture.RemoteId);
        await Client.TriggerAsync(Fixture.NewBuild(), static _ => { });
        await Client.CancelAsync(Guid.Empty, HandlerFixture.RemoteId, CancellationToken.None);

        Client.FailingFor.Should().NotBeNull();
    }

    [Fact]
    public async Task A_cancel_that_is_refused_for_good_says_nothing_of_the_runner()
    {
        Fixture.Runner.CancelAsync(default).ThrowsAsyncForAnyArgs(new BuildRunnerException("It has ended."));

        await FluentActions.Awaiting(() => Client.CancelAsync(Guid.Empty, HandlerFixture.RemoteId, CancellationToken.None)).Should().ThrowAsync<BuildRunnerException>();

        Client.FailingFor.Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_that_is_refused_for_good_says_nothing_of_the_runner(bool isFailing)
    {
        if (isFailing)
        {
            await FailAsync(new HttpRequestException());
        }

        Fixture.Runner.TriggerAsync(null!, default).ThrowsAsyncForAnyArgs(new BuildRunnerException("There is no such pipeline."));
        await FluentActions.Awaiting(() => Client.TriggerAsync(Fixture.NewBuild(), static _ => { })).Should().ThrowAsync<BuildRunnerException>();

        (Client.FailingFor is not null).Should().Be(isFailing);
    }

    [Fact]
    public async Task A_later_failure_does_not_shorten_what_is_remembered_of_an_earlier_one()
    {
        await FailAsync(new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.FromHours(5) });

        await ShouldBeRememberedAsync(new BuildRunnerException { IsTransient = true }, TimeSpan.FromHours(5));
    }

    [Fact]
    public async Task A_call_that_fails_late_has_not_failed_for_longer_than_others_have_not_been_answered()
    {
        TaskCompletionSource<BuildSnapshot> slow = new();
        Fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(slow.Task);
        var failing = Client.StatusAsync(Guid.Empty, HandlerFixture.RemoteId, maxAge: null, CancellationToken.None);
        Fixture.Time.Advance(CallTimeout / 2);
        Fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Running });
        await Client.StatusAsync(Guid.Empty, HandlerFixture.RemoteId, maxAge: null, CancellationToken.None);

        slow.SetException(new BuildRunnerException { IsTransient = true });
        await failing.Awaiting(static task => task).Should().ThrowAsync<BuildRunnerException>();

        Client.FailingFor.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_failure_is_forgotten_when_no_call_followed_although_its_time_had_come()
    {
        await FailAsync(new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.FromHours(5) });

        Fixture.Time.Advance(TimeSpan.FromHours(7));

        (await CheckAsync()).Status.Should().Be(HealthStatus.Healthy);
    }

    private async Task ShouldBeRememberedAsync(Exception exception, TimeSpan time)
    {
        await FailAsync(exception);

        Fixture.Time.Advance(time);

        (await CheckAsync()).Status.Should().Be(HealthStatus.Degraded);
    }

    private async Task FailAsync(Exception exception)
    {
        Fixture.Runner.StatusAsync(default).ThrowsAsyncForAnyArgs(exception);
        var status = () => Client.StatusAsync(Guid.Empty, HandlerFixture.RemoteId, maxAge: null, CancellationToken.None);
        await status.Should().ThrowAsync<Exception>();
    }

    // As many calls as are said never come back, and look at no token.
    private async Task HangAsync(int count)
    {
        Fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(_ =>
        {
            TaskCompletionSource<BuildSnapshot> call = new();
            _calls.Add(call);
            return call.Task;
        });
        for (var call = 0; call < count; call++)
        {
            var status = Client.StatusAsync(Guid.Empty, HandlerFixture.RemoteId, maxAge: null, CancellationToken.None);
            Fixture.Time.Advance(CallTimeout);
            await status.Invoking(task => task).Should().ThrowAsync<TimeoutException>();
        }
    }

    private Task<Outcome> PollAsync()
    {
        Fixture.Current = Fixture.Running();
        return Fixture.DeliverAsync<PollHandler>();
    }

    private Task<HealthCheckResult> CheckAsync()
    {
        var check = ActivatorUtilities.CreateInstance<BuildOrchestrationHealthCheck>(Fixture.Services);
        return check.CheckHealthAsync(new HealthCheckContext { Registration = new HealthCheckRegistration("builds", check, failureStatus: null, tags: null) });
    }
}
