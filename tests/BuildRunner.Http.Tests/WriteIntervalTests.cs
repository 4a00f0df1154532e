namespace BuildRunner.Http.Tests;

/// <summary>H8: a service that asks for time between creates and cancels is given it.</summary>
public sealed class WriteIntervalTests
{
    private readonly HastyTime _time = new();
    private readonly List<(string Method, DateTimeOffset At)> _sent = [];

    [Fact]
    public async Task Creates_and_cancels_take_turns_and_reads_do_not()
    {
        using var backend = Backend(TimeSpan.FromSeconds(1));

        await backend.CreateAsync();
        await backend.CancelAsync(static () => false);
        await backend.ReadAsync();
        await backend.CreateAsync();

        var writes = _sent.Where(static sent => sent.Method == "POST").Select(static sent => sent.At).ToList();
        writes.Zip(writes.Skip(1), static (one, next) => next - one).Should().HaveCount(2)
            .And.OnlyContain(static pause => pause >= TimeSpan.FromSeconds(1));
        (_sent[2].At - _sent[1].At).Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public async Task One_that_would_wait_too_long_fails_unsent_with_its_wait()
    {
        using var backend = Backend(TimeSpan.FromSeconds(20));
        await backend.CreateAsync();

        var late = (await FluentActions.Awaiting(() => backend.CreateAsync()).Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        (late.IsTransient, late.RetryAfter).Should().Be((true, TimeSpan.FromSeconds(20)));
        late.Message.Should().NotContain("asked to wait", "the service has not");
        _sent.Should().ContainSingle();
        _time.Advance(TimeSpan.FromSeconds(20));
        await backend.CreateAsync();
    }

    [Fact]
    public async Task The_turn_of_a_caller_that_left_is_free_again()
    {
        using var backend = Backend(TimeSpan.FromSeconds(6));
        await backend.CreateAsync();
        using CancellationTokenSource leaves = new();
        var waiting = Enumerable.Range(0, 2).Select(_ => backend.CreateAsync(cancellationToken: leaves.Token)).ToList();
        await leaves.CancelAsync();
        foreach (var left in waiting)
        {
            await FluentActions.Awaiting(() => left).Should().ThrowAsync<OperationCanceledException>();
        }

        var next = backend.CreateAsync();
        _time.Advance(TimeSpan.FromSeconds(6));

        await next;
        _sent.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_create_that_has_waited_for_its_turn_has_the_whole_time_of_a_call()
    {
        TaskCompletionSource isSent = new();
        var count = 0;
        using var backend = Calls.Backend(
            new ScriptedHandler(async (_, cancellationToken) =>
            {
                if (++count == 2)
                {
                    var answering = Task.Delay(TimeSpan.FromSeconds(25), _time, cancellationToken);
                    isSent.SetResult();
                    await answering;
                }

                return ScriptedHandler.Reply(200);
            }),
            options => options with { TimeProvider = _time, WriteInterval = TimeSpan.FromSeconds(10) });
        await backend.CreateAsync();

        var second = backend.CreateAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        await isSent.Task;
        _time.Advance(TimeSpan.FromSeconds(25));

        (await second).Should().Be(Calls.Build);
    }

    private HttpBackend Backend(TimeSpan interval) => Calls.Backend(
        new ScriptedHandler(request =>
        {
            _sent.Add((request.Method.Method, _time.GetUtcNow()));
            return ScriptedHandler.Reply(200, "{\"state\":\"x\"}");
        }),
        options => options with { TimeProvider = _time, WriteInterval = interval });
}
