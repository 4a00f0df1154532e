using System.Diagnostics.Metrics;

namespace BuildRunner.Http.Tests;

/// <summary>H9 and H12: one read for many.</summary>
public sealed class BatchReaderTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<IReadOnlyList<int>> _requests = [];
    private readonly HttpBackend _backend;

    public BatchReaderTests() =>
        _backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)), options => options with { TimeProvider = _time });

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(1, 25)]
    [InlineData(3, 12)]
    public async Task A_thousand_builds_that_are_polled_by_chance_cost_few_requests(int freshness, int allowed)
    {
        const int Builds = 1000;
        const int FirstPolls = 3_000;
        const int Polls = 20_000;
        Random random = new(4711);
        var reader = Reader(new BatchReaderOptions<string> { Freshness = TimeSpan.FromSeconds(freshness) });
        PriorityQueue<int, TimeSpan> due = new(Enumerable.Range(0, Builds).Select(build => (build, TimeSpan.FromSeconds(random.NextDouble() * 2.2))));
        var start = _time.GetTimestamp();

        for (var poll = 0; poll < FirstPolls + Polls && due.TryDequeue(out var build, out var at); poll++)
        {
            if (poll == FirstPolls)
            {
                // Nobody knows of a build before it is asked for, so each costs a request of its own once.
                _requests.Clear();
            }

            var wait = at - _time.GetElapsedTime(start);
            _time.Advance(wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
            (await reader.GetAsync(build)).Should().NotBeNull();
            due.Enqueue(build, at + (TimeSpan.FromSeconds(2) * (1 + (random.NextDouble() * 0.2))));
        }

        (_requests.Count * 1000.0 / Polls).Should().BeInRange(1, allowed);
        TestContext.Current.TestOutputHelper?.WriteLine($"requests_per_1000={_requests.Count * 1000.0 / Polls:0.0}");
        _requests.Should().OnlyContain(static request => request.Count <= 100);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_answer_is_never_older_than_it_may_be(int freshness)
    {
        Random random = new(42);
        Dictionary<int, TimeSpan> readAt = [];
        var start = _time.GetTimestamp();
        BatchReader<int, string> reader = new(_backend, (keys, _) =>
        {
            foreach (var key in keys)
            {
                readAt[key] = _time.GetElapsedTime(start);
            }

            return Rows(keys);
        }, new BatchReaderOptions<string> { Freshness = TimeSpan.FromSeconds(freshness) });

        for (var poll = 0; poll < 5000; poll++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(20)));
            var key = random.Next(200);
            await reader.GetAsync(key);
            (_time.GetElapsedTime(start) - readAt[key]).Should().BeLessThan(TimeSpan.FromSeconds(freshness));
        }
    }

    [Fact]
    public async Task What_is_asked_for_while_requests_are_under_way_goes_with_the_next_one()
    {
        TaskCompletionSource open = new();
        BatchReader<int, string> reader = new(_backend, async (keys, _) =>
        {
            _requests.Add(keys);
            await open.Task;
            return await Rows(keys);
        }, new BatchReaderOptions<string> { Concurrency = 1 });

        var reads = Enumerable.Range(0, 50).Select(key => reader.GetAsync(key)).ToList();
        open.SetResult();
        await Task.WhenAll(reads);

        _requests.Should().HaveCount(2);
        _requests[1].Should().Contain(Enumerable.Range(1, 49));
    }

    [Fact]
    public async Task What_an_answer_does_not_name_is_null_and_no_error()
    {
        BatchReader<int, string> reader = new(_backend, static (_, _) => Rows([]));

        (await reader.GetAsync(1)).Should().BeNull();
    }

    [Fact]
    public async Task A_forgotten_build_is_read_anew()
    {
        var reader = Reader();
        await reader.GetAsync(1);

        reader.Forget(1);
        await reader.GetAsync(1);

        _requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_read_that_began_before_a_build_was_forgotten_does_not_answer_for_it()
    {
        Queue<TaskCompletionSource<string>> answers = new([new(), new()]);
        List<TaskCompletionSource<string>> asked = [];
        BatchReader<int, string> reader = new(_backend, async (keys, _) =>
        {
            var answer = answers.Dequeue();
            asked.Add(answer);
            var text = await answer.Task;
            return keys.ToDictionary(static key => key, _ => text);
        });
        var before = reader.GetAsync(1);

        reader.Forget(1);
        var after = reader.GetAsync(1);
        asked[1].SetResult("new");
        asked[0].SetResult("old");

        (await before).Should().Be("old");
        (await after).Should().Be("new");
        (await reader.GetAsync(1)).Should().Be("new");
        asked.Should().HaveCount(2);
    }

    [Fact]
    public async Task What_is_final_is_not_read_again()
    {
        var reader = Reader(new BatchReaderOptions<string> { IsFinal = static _ => true });
        await reader.GetAsync(1);

        _time.Advance(TimeSpan.FromMinutes(1));
        await reader.GetAsync(1);

        _requests.Should().ContainSingle();
    }

    [Fact]
    public async Task What_is_final_stays_although_it_was_not_asked_for_for_long_or_was_forgotten()
    {
        var state = "ended";
        BatchReader<int, string> reader = new(_backend, (keys, _) =>
            Task.FromResult<IReadOnlyDictionary<int, string>>(keys.ToDictionary(static key => key, _ => state)), Ended);
        await reader.GetAsync(1);
        state = "running";

        reader.Forget(1);
        _time.Advance(TimeSpan.FromMinutes(1));
        await reader.GetAsync(2);

        (await reader.GetAsync(1)).Should().Be("ended");
        (await reader.GetFreshAsync(1, TimeSpan.Zero)).Should().Be("ended");
    }

    [Fact]
    public async Task What_one_read_has_seen_to_be_final_no_other_takes_back()
    {
        Queue<TaskCompletionSource<string>> answers = new([new(), new()]);
        List<TaskCompletionSource<string>> asked = [];
        BatchReader<int, string> reader = new(_backend, async (keys, _) =>
        {
            var answer = answers.Dequeue();
            asked.Add(answer);
            var text = await answer.Task;
            return keys.ToDictionary(static key => key, _ => text);
        }, Ended);
        var before = reader.GetAsync(1);
        reader.Forget(1);
        var after = reader.GetAsync(1);

        asked[0].SetResult("ended");
        await before;
        asked[1].SetResult("running");

        (await after).Should().Be("ended");
        (await reader.GetAsync(1)).Should().Be("ended");
    }

    [Fact]
    public async Task An_answer_that_is_older_than_asked_for_is_not_given()
    {
        var reader = Reader(new BatchReaderOptions<string> { Freshness = TimeSpan.FromSeconds(10) });
        await reader.GetAsync(1);
        _time.Advance(TimeSpan.FromSeconds(2));

        await reader.GetFreshAsync(1, TimeSpan.FromSeconds(3));
        var early = _requests.Count;
        await reader.GetFreshAsync(1, TimeSpan.FromSeconds(2));

        early.Should().Be(1);
        _requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_read_under_way_that_began_too_early_does_not_answer()
    {
        List<TaskCompletionSource<string>> asked = [];
        BatchReader<int, string> reader = new(_backend, async (keys, _) =>
        {
            TaskCompletionSource<string> answer = new();
            asked.Add(answer);
            var text = await answer.Task;
            return keys.ToDictionary(static key => key, _ => text);
        }, new BatchReaderOptions<string> { Freshness = TimeSpan.FromSeconds(10) });
        var before = reader.GetAsync(1);
        _time.Advance(TimeSpan.FromSeconds(2));

        var shared = reader.GetFreshAsync(1, TimeSpan.FromSeconds(3));
        var hastened = reader.GetFreshAsync(1, TimeSpan.FromSeconds(1));
        asked.Should().HaveCount(2);
        asked[1].SetResult("new");
        asked[0].SetResult("old");

        (await before).Should().Be("old");
        (await shared).Should().Be("old");
        (await hastened).Should().Be("new");
        (await reader.GetAsync(1)).Should().Be("new");
    }

    [Fact]
    public async Task An_answer_is_asked_for_anew_where_it_must_be_no_older_than_the_call()
    {
        var reader = Reader();
        await reader.GetAsync(1);

        await reader.GetFreshAsync(1, TimeSpan.Zero);

        _requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task An_age_below_zero_is_refused() =>
        await FluentActions.Awaiting(() => Reader().GetFreshAsync(1, TimeSpan.FromTicks(-1))).Should().ThrowAsync<ArgumentOutOfRangeException>();

    [Fact]
    public async Task Builds_that_nobody_asks_for_are_not_read_along_any_more()
    {
        var reader = Reader();
        await reader.GetAsync(1);
        _time.Advance(TimeSpan.FromSeconds(10));
        await reader.GetAsync(2);
        _time.Advance(TimeSpan.FromSeconds(10));
        await reader.GetAsync(3);

        _requests.Select(static request => request.Order()).Should().BeEquivalentTo(new int[][] { [1], [1, 2], [2, 3] }, static options => options.WithStrictOrdering());
    }

    [Fact]
    public async Task A_failed_read_fails_each_that_waits_with_an_exception_of_its_own()
    {
        TaskCompletionSource<IReadOnlyDictionary<int, string>> answer = new();
        BatchReader<int, string> reader = new(_backend, (_, _) => answer.Task);
        var first = reader.GetAsync(1);
        var second = reader.GetAsync(1);
        answer.SetException(new BuildRunnerException("Busy.") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(9) });

        var one = await FluentActions.Awaiting(() => first).Should().ThrowAsync<BuildRunnerException>();
        var other = await FluentActions.Awaiting(() => second).Should().ThrowAsync<BuildRunnerException>();

        one.Which.Should().NotBeSameAs(other.Which);
        one.Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(9));
        other.Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_request_is_given_up_when_nobody_waits_for_it_any_more_and_not_before()
    {
        TaskCompletionSource abandoned = new();
        List<CancellationToken> tokens = [];
        BatchReader<int, string> reader = new(_backend, async (keys, cancellationToken) =>
        {
            tokens.Add(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return await Rows(keys);
        });
        using CancellationTokenSource one = new();
        using CancellationTokenSource other = new();
        var first = reader.GetAsync(1, one.Token);
        var second = reader.GetAsync(1, other.Token);

        await one.CancelAsync();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        tokens.Should().ContainSingle().Which.IsCancellationRequested.Should().BeFalse();
        await other.CancelAsync();
        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();

        tokens.Should().ContainSingle().Which.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Freshness_grows_where_the_budget_would_not_last()
    {
        // Half of the time is left, and of what polls may use a tenth: answers may be five times as old.
        using var backend = Calls.Backend(new ScriptedHandler(static _ => Budget(28, 3600)), options => options with { TimeProvider = _time });
        BatchReader<int, string> reader = new(backend, (keys, _) =>
        {
            _requests.Add(keys);
            return Rows(keys);
        }, new BatchReaderOptions<string> { Freshness = TimeSpan.FromSeconds(1), ReadAhead = TimeSpan.Zero });
        await backend.SendAsync(new HttpRequestMessage(HttpMethod.Get, "x"));
        _time.Advance(TimeSpan.FromMinutes(30));
        await reader.GetAsync(1);

        _time.Advance(TimeSpan.FromSeconds(4));
        await reader.GetAsync(1);
        _requests.Should().ContainSingle();
        _time.Advance(TimeSpan.FromSeconds(2));
        await reader.GetAsync(1);

        _requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Requests_are_measured_by_their_size_and_reads_that_had_none_of_their_own_are_counted()
    {
        List<string> measured = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, listening) =>
        {
            if (instrument.Meter.Name == "BuildRunner.Http")
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            lock (measured)
            {
                var text = string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"));
                measured.Add($"{instrument.Name} {value} {text}");
            }
        }

        listener.SetMeasurementEventCallback<long>(Note);
        listener.SetMeasurementEventCallback<int>(Note);
        listener.Start();
        using var backend = Calls.Backend(
            new ScriptedHandler(static _ => ScriptedHandler.Reply(200)),
            options => options with { Name = "measured", TimeProvider = _time });
        TaskCompletionSource open = new();
        BatchReader<int, string> reader = new(backend, async (keys, _) =>
        {
            await open.Task;
            return await Rows(keys);
        }, new BatchReaderOptions<string> { Concurrency = 1 });

        List<Task<string?>> reads = [reader.GetAsync(1), reader.GetAsync(1), reader.GetAsync(2), reader.GetAsync(3)];
        open.SetResult();
        await Task.WhenAll(reads);
        await reader.GetAsync(1);

        // The second read of 1 goes with the first, 3 goes with 2, and the last is answered from what is known.
        string saved = "buildrunner.http.saved_reads 1 buildrunner.backend=measured";
        measured.Where(static text => text.EndsWith("=measured", StringComparison.Ordinal)).Should().BeEquivalentTo(
            saved,
            saved,
            saved,
            "buildrunner.http.batch.size 1 buildrunner.backend=measured",
            "buildrunner.http.batch.size 3 buildrunner.backend=measured");
    }

    private static BatchReaderOptions<string> Ended { get; } = new() { IsFinal = static row => row == "ended" };

    private static HttpResponseMessage Budget(int remaining, int reset)
    {
        var reply = ScriptedHandler.Reply(200);
        reply.Headers.TryAddWithoutValidation("RateLimit-Limit", "100");
        reply.Headers.TryAddWithoutValidation("RateLimit-Remaining", remaining.ToString(System.Globalization.CultureInfo.InvariantCulture));
        reply.Headers.TryAddWithoutValidation("RateLimit-Reset", reset.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return reply;
    }

    private static Task<IReadOnlyDictionary<int, string>> Rows(IReadOnlyList<int> keys) =>
        Task.FromResult<IReadOnlyDictionary<int, string>>(keys.ToDictionary(static key => key, static key => $"row {key}"));

    private BatchReader<int, string> Reader(BatchReaderOptions<string>? options = null) => new(_backend, (keys, _) =>
    {
        _requests.Add(keys);
        return Rows(keys);
    }, options);
}
