namespace BuildRunner.Queue.Tests.Hosting;

public sealed class DeliveryTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_published_message_is_handled_and_done()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");

        var call = await host.NextCallAsync();
        call.Answer.SetResult(Outcome.Done);

        call.Delivery.Message.Id.Should().Be("a");
        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
    }

    [Fact]
    public async Task A_postponed_message_comes_again_after_the_delay_at_its_first_attempt()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        (await host.NextCallAsync()).Answer.SetResult(Outcome.Postpone(Minute));
        await host.NextSettledAsync();
        var settled = host.Time.GetUtcNow();

        var call = await host.NextCallAsync();

        host.Time.GetUtcNow().Should().Be(settled + Minute);
        call.Delivery.Attempt.Should().Be(1);
    }

    [Fact]
    public async Task A_message_that_fails_as_often_as_it_may_becomes_a_dead_letter()
    {
        await using var host = await TestHost.StartAsync(static options => options.MaxAttempts = 3);
        host.Script.Always = static _ => Outcome.Retry(new Failure("no", "kind"));
        await host.PublishAsync("a");

        List<OutcomeKind> kinds = [];
        for (var i = 0; i < 3; i++)
        {
            kinds.Add((await host.NextSettledAsync()).Resolution.Kind);
        }

        kinds.Should().Equal(OutcomeKind.Retry, OutcomeKind.Retry, OutcomeKind.Reject);
        var page = await host.Engine.ListDeadLettersAsync(TestHost.Topic, 10, null, CancellationToken.None);
        page.Letters.Should().ContainSingle().Which.Cause.Should().Be(new DeadLetterCause { Failure = new("no", "kind"), Attempts = 3, Topic = TestHost.Topic });
    }

    [Fact]
    public async Task A_rejected_message_becomes_a_dead_letter_at_once()
    {
        await using var host = await TestHost.StartAsync();
        host.Script.Always = static _ => Outcome.Reject(new Failure("never"));
        await host.PublishAsync("a");

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Reject(new Failure("never")));
    }

    [Fact]
    public async Task An_exception_is_a_retry()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        (await host.NextCallAsync()).Answer.SetException(new InvalidOperationException("broken"));

        var resolution = (await host.NextSettledAsync()).Resolution;

        resolution.Kind.Should().Be(OutcomeKind.Retry);
        resolution.Failure.Should().Be(new Failure("broken", "System.InvalidOperationException"));
    }

    [Fact]
    public async Task A_handler_that_takes_too_long_is_told_and_its_message_tried_again()
    {
        await using var host = await TestHost.StartAsync(static options => options.HandlerTimeout = TimeSpan.FromSeconds(10));
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        await host.UntilAsync(() => call.Token.IsCancellationRequested);
        call.Answer.SetCanceled(call.Token);

        (await host.NextSettledAsync()).Resolution.Should().Match<Outcome>(resolution => resolution.Kind == OutcomeKind.Retry && resolution.Failure!.Type == "handler_timeout");
    }

    [Fact]
    public async Task A_handler_is_told_in_time_although_nothing_else_is_to_be_done()
    {
        await using var host = await TestHost.StartAsync(static options =>
        {
            options.Concurrency = 1;
            options.HandlerTimeout = TimeSpan.FromSeconds(2);
        });
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        var before = host.Time.GetUtcNow();

        await host.UntilAsync(() => call.Token.IsCancellationRequested);

        host.Time.GetUtcNow().Should().Be(before + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_is_not_waited_for_forever()
    {
        await using var host = await TestHost.StartAsync(static options => options.HandlerTimeout = TimeSpan.FromSeconds(10));
        await host.PublishAsync("a");
        await host.NextCallAsync();

        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(OutcomeKind.Retry);
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_may_overlap_with_the_next_attempt_and_decides_nothing_any_more()
    {
        await using var host = await TestHost.StartAsync(static options =>
        {
            options.Concurrency = 1;
            options.HandlerTimeout = TimeSpan.FromSeconds(10);
        });
        await host.PublishAsync("a");
        var first = await host.NextCallAsync();
        await host.NextSettledAsync();

        var second = await host.NextCallAsync();
        first.Answer.SetResult(Outcome.Reject(new Failure("too late")));
        second.Answer.SetResult(Outcome.Done);

        second.Delivery.Attempt.Should().Be(2);
        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
        host.Queue.Size.Should().Be((0, 0, 0));
    }

    [Fact]
    public async Task The_lease_is_renewed_while_the_handler_runs()
    {
        await using var host = await TestHost.StartAsync(static options => options.HandlerTimeout = TimeSpan.FromHours(1));
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        var until = host.Time.GetUtcNow() + TimeSpan.FromMinutes(3);
        while (host.Time.GetUtcNow() < until)
        {
            var round = await host.NextRoundAsync();
            round.Settlements.Should().BeEmpty();
        }

        call.Token.IsCancellationRequested.Should().BeFalse();
        call.Answer.SetResult(Outcome.Done);
        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
    }

    [Fact]
    public async Task A_handler_whose_lease_is_lost_is_told()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        host.Engine.Change = static result => result with { Renewals = [.. result.Renewals.Select(static _ => LeaseResult.Stale)] };

        await host.UntilAsync(() => call.Token.IsCancellationRequested);
        call.Answer.SetResult(Outcome.Done);
    }

    [Fact]
    public async Task What_is_locked_by_another_is_settled_a_little_later()
    {
        await using var host = await TestHost.StartAsync(static options => options.Concurrency = 1);
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        var busy = 3;
        host.Engine.Change = result => result.Settlements.Count > 0 && busy-- > 0
            ? result with { Settlements = [.. result.Settlements.Select(static _ => LeaseResult.Busy)] }
            : result;
        call.Answer.SetResult(Outcome.Done);

        for (var settlements = 0; settlements < 3;)
        {
            settlements += (await host.NextRoundAsync()).Settlements.Count;
        }
    }

    [Fact]
    public async Task What_nobody_told_of_is_found_within_the_poll_interval()
    {
        await using var host = await TestHost.StartAsync(static options => options.PollInterval = TimeSpan.FromSeconds(7));
        host.Script.Always = static _ => Outcome.Done;
        await host.NextRoundAsync();

        var before = host.Time.GetUtcNow();
        await host.NextRoundAsync();

        host.Time.GetUtcNow().Should().Be(before + TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task No_more_handlers_run_at_a_time_than_there_may_be()
    {
        await using var host = await TestHost.StartAsync(static options => options.Concurrency = 3);
        for (var i = 0; i < 20; i++)
        {
            await host.PublishAsync("a", $"{i}");
        }

        List<TestHandler.Call> running = [];
        for (var finished = 0; finished < 20; finished++)
        {
            while (running.Count < Math.Min(3, 20 - finished))
            {
                running.Add(await host.NextCallAsync());
            }

            host.Script.Calls.Reader.TryRead(out _).Should().BeFalse();
            running[0].Answer.SetResult(Outcome.Done);
            running.RemoveAt(0);
            await host.NextSettledAsync();
        }
    }

    [Fact]
    public async Task What_was_claimed_and_cannot_be_started_is_left_to_others()
    {
        await using var host = await TestHost.StartAsync(static options =>
        {
            options.Concurrency = 1;
            options.HandlerTimeout = TimeSpan.FromHours(1);
        });
        var calls = 0;
        host.Script.Always = _ =>
        {
            if (++calls == 20)
            {
                host.Script.Always = null;
            }

            return Outcome.Done;
        };
        await host.Publisher.PublishAllAsync([.. Enumerable.Range(0, 40).Select(i => new OutgoingMessage(TestHost.Topic, Consumer.MessageOf("a", $"{i}")))]);

        // While time stands still, what is finished was fast, so that more is claimed than can be started.
        for (var i = 0; i < 20; i++)
        {
            (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
        }

        var settled = await host.NextSettledAsync();

        settled.Resolution.Should().Be(Outcome.HandBack);
    }

    [Fact]
    public async Task A_handler_that_publishes_its_successor_under_its_own_identity_goes_round_a_thousand_times()
    {
        await using var host = await TestHost.StartAsync();
        var rounds = 0;
        TaskCompletionSource<bool> finished = new();
        host.Script.Always = call =>
        {
            if (++rounds == 1000)
            {
                finished.SetResult(true);
                return Outcome.Done;
            }

            host.Publisher.PublishAfterAsync(call.Delivery.Topic, call.Delivery.Message, TimeSpan.FromMilliseconds(100)).IsCompletedSuccessfully.Should().BeTrue();
            return Outcome.Done;
        };
        await host.PublishAsync("a");

        await host.UntilAsync(finished.Task);

        rounds.Should().Be(1000);
    }

    [Fact]
    public async Task Every_message_has_a_scope_of_its_own()
    {
        await using var host = await TestHost.StartAsync(build: static builder => builder.AddConsumer<ScopedHandler>("scoped"));
        await host.Publisher.PublishAsync("scoped", Consumer.MessageOf("a"));
        await host.Publisher.PublishAsync("scoped", Consumer.MessageOf("b"));

        var first = await host.NextCallAsync();
        var second = await host.NextCallAsync();

        new[] { first.Delivery.Message.Id, second.Delivery.Message.Id }.Should().Equal("a", "b");
    }

    /// <summary>A handler that can handle one message only.</summary>
    private sealed class ScopedHandler(TestHandler.Script script) : IMessageHandler
    {
        private bool _isUsed;

        public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            if (!_isUsed)
            {
                _isUsed = true;
                script.Calls.Writer.TryWrite(new TestHandler.Call(delivery, cancellationToken));
            }

            return Task.FromResult(Outcome.Done);
        }
    }
}
