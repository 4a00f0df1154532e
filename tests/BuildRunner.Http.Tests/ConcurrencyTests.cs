namespace BuildRunner.Http.Tests;

/// <summary>H8: a service that bounds what is under way is asked for no more than that.</summary>
public sealed class ConcurrencyTests
{
    [Fact]
    public async Task No_more_requests_are_under_way_than_the_options_say_and_all_are_answered()
    {
        const int Calls = 20;
        var (underWay, most) = (0, 0);
        TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedHandler handler = new(async (_, cancellationToken) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref underWay));
            if (underWay == 3)
            {
                full.TrySetResult();
            }

            await open.Task.WaitAsync(cancellationToken);
            Interlocked.Decrement(ref underWay);
            return ScriptedHandler.Reply(200, "{\"state\":\"x\"}");
        });
        using var backend = Fixtures.Calls.Backend(handler, static options => options with { Concurrency = 3 });

        var reads = Enumerable.Range(0, Calls).Select(_ => backend.ReadAsync(TestContext.Current.CancellationToken)).ToList();
        await full.Task.WaitAsync(TestContext.Current.CancellationToken);
        var before = handler.Requests.Count;
        open.SetResult();
        await Task.WhenAll(reads);

        (before, most).Should().Be((3, 3));
        handler.Requests.Should().HaveCount(Calls);
    }

    [Fact]
    public async Task A_create_that_gets_no_turn_in_its_time_was_not_sent()
    {
        FakeTimeProvider time = new();
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedHandler handler = new(async (_, _) =>
        {
            await release.Task;
            return ScriptedHandler.Reply(201);
        });
        using var backend = Fixtures.Calls.Backend(handler, options => options with { Concurrency = 1, TimeProvider = time });
        var first = backend.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);
        var second = backend.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);

        time.Advance(TimeSpan.FromMinutes(1));

        (await FluentActions.Awaiting(() => second).Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        handler.Requests.Should().ContainSingle();
        release.SetResult();
        await FluentActions.Awaiting(() => first).Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
    }
}
