namespace BuildRunner.Http.Tests;

/// <summary>H9: how old the answer to a poll may be where a request takes its time.</summary>
public sealed class BatchAgeTests : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new();
    private readonly HttpBackend _backend;

    public BatchAgeTests() =>
        _backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)), options => options with { TimeProvider = _time });

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 25)]
    [InlineData(3, 7)]
    [InlineData(3, 50)]
    public async Task A_poll_is_answered_by_a_request_that_was_sent_less_than_the_freshness_before_it(int freshness, int steps)
    {
        // Each request takes so many steps of the clock, and polls come while others are under way.
        Random random = new(freshness * steps);
        List<(DateTimeOffset AnswersAt, Action Answer)> underWay = [];
        BatchReader<int, Sending> reader = new(_backend, (keys, _) =>
        {
            Sending sending = new(_time.GetUtcNow());
            TaskCompletionSource<IReadOnlyDictionary<int, Sending>> rows = new();
            underWay.Add((sending.At + (steps * Step), () => rows.SetResult(keys.ToDictionary(static key => key, _ => sending))));
            return rows.Task;
        }, new BatchReaderOptions<Sending> { Freshness = TimeSpan.FromSeconds(freshness) });
        List<(DateTimeOffset At, Task<Sending?> Answer)> polls = [];

        for (var poll = 0; poll < 500; poll++)
        {
            polls.Add((_time.GetUtcNow(), reader.GetAsync(random.Next(20), TestContext.Current.CancellationToken)));
            _time.Advance(Step);
            Answer(underWay, _time.GetUtcNow());
        }

        while (underWay.Count > 0)
        {
            Answer(underWay, DateTimeOffset.MaxValue);
        }

        var ages = new List<TimeSpan>();
        foreach (var (at, answer) in polls)
        {
            ages.Add(at - (await answer)!.At);
        }

        ages.Should().OnlyContain(age => age < TimeSpan.FromSeconds(freshness));
        ages.Should().Contain(static age => age > TimeSpan.Zero, "some are to be answered by what was read before");
    }

    private static void Answer(List<(DateTimeOffset AnswersAt, Action Answer)> underWay, DateTimeOffset now)
    {
        var due = underWay.FindAll(request => request.AnswersAt <= now);
        underWay.RemoveAll(request => request.AnswersAt <= now);
        due.ForEach(static request => request.Answer());
    }

    private sealed record Sending(DateTimeOffset At);
}
