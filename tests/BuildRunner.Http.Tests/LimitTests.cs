using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace BuildRunner.Http.Tests;

/// <summary>H8: a wait that is known is kept, and triggers and cancels go before polls.</summary>
public sealed class LimitTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_wait_that_the_service_asked_for_is_kept_without_asking_again()
    {
        ScriptedHandler handler = new(static _ => RateLimited("Retry-After", "30"));
        using var backend = Backend(handler);
        var act = () => backend.CreateAsync();
        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(30));

        _time.Advance(TimeSpan.FromSeconds(10));

        var held = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
        held.IsTransient.Should().BeTrue();
        held.RetryAfter.Should().Be(TimeSpan.FromSeconds(20));
        handler.Requests.Should().ContainSingle();

        _time.Advance(TimeSpan.FromSeconds(20));
        await act.Should().ThrowExactlyAsync<BuildRunnerException>();
        handler.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_date_is_as_good_as_seconds_and_goes_by_the_clock_of_the_server()
    {
        ScriptedHandler handler = new(static _ =>
        {
            var reply = RateLimited("Retry-After", new DateTimeOffset(2030, 1, 1, 0, 2, 0, TimeSpan.Zero).ToString("R", CultureInfo.InvariantCulture));
            reply.Headers.Date = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
            return reply;
        });
        using var backend = Backend(handler);

        var act = () => backend.ReadAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromMinutes(2));
        handler.Requests.Should().ContainSingle("a wait that is known is not spent on retries");
    }

    [Fact]
    public async Task Polls_leave_the_last_fifth_of_a_budget_to_triggers_and_cancels()
    {
        var remaining = 21;
        ScriptedHandler handler = new(_ => WithBudget(ScriptedHandler.Reply(200, "{\"state\":\"x\"}"), 100, --remaining, 600));
        using var backend = Backend(handler);
        await backend.ReadAsync();

        var poll = () => backend.ReadAsync();

        (await poll.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(600));
        (await backend.CreateAsync()).Should().Be(Calls.Build);
        await backend.CancelAsync(Calls.Post("builds/7/cancel"), Calls.Build, async token => await backend.ReadAsync(token) is null);
        _time.Advance(TimeSpan.FromSeconds(600));
        await poll.Should().NotThrowAsync();
    }

    [Fact]
    public async Task A_read_that_a_trigger_waits_for_may_use_what_polls_leave()
    {
        ScriptedHandler handler = new(static _ => WithBudget(ScriptedHandler.Reply(200, "{\"state\":\"x\"}"), 100, 20, 600));
        using var backend = Calls.Backend(handler);
        await backend.ReadAsync(TestContext.Current.CancellationToken);
        using HttpRequestMessage request = new(HttpMethod.Get, "builds?key=k");
        request.Options.Set(HttpBackend.Operation, HttpOperations.Check);

        var found = await backend.ReadAsync(request, RowJson.Default.Row, cancellationToken: TestContext.Current.CancellationToken);

        found!.State.Should().Be("x");
        var poll = () => backend.ReadAsync();
        await poll.Should().ThrowExactlyAsync<BuildRunnerException>();
    }

    [Fact]
    public async Task Each_request_says_what_it_is_for()
    {
        List<string?> operations = [];
        using var backend = Calls.Backend(new ScriptedHandler(request =>
        {
            operations.Add(request.Options.TryGetValue(HttpBackend.Operation, out var operation) ? operation : null);
            return ScriptedHandler.Reply(200, "{\"state\":\"x\"}");
        }));

        await backend.ReadAsync();
        await backend.CreateAsync();
        await backend.CancelAsync(Calls.Post("builds/7/cancel"), Calls.Build, async token => (await backend.ReadAsync(token)) is null);
        using HttpRequestMessage log = new(HttpMethod.Get, "builds/7/log");
        await backend.SendAsync(log);

        operations.Should().Equal(HttpOperations.Read, HttpOperations.Create, HttpOperations.Check, HttpOperations.Cancel, HttpOperations.Send);
    }

    [Fact]
    public async Task Calls_are_counted_by_what_they_are_for_and_the_budget_is_told()
    {
        var name = Guid.NewGuid().ToString();
        ConcurrentQueue<string> measured = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, listening) =>
        {
            if (instrument.Meter.Name == "BuildRunner.Http")
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var text = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => (string)tag.Value!);
            if (text["buildrunner.backend"] == name)
            {
                measured.Enqueue($"{instrument.Name} {value} {string.Join(' ', text.Where(static tag => tag.Key != "buildrunner.backend").Select(static tag => tag.Value))}".TrimEnd());
            }
        });
        listener.Start();
        using var backend = Calls.Backend(new ScriptedHandler(static _ => WithBudget(ScriptedHandler.Reply(200, "{}"), 100, 50, 600)), options => options with { Name = name });

        await backend.ReadAsync(TestContext.Current.CancellationToken);
        await backend.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);

        measured.Should().Equal(
            "buildrunner.http.budget.remaining 50",
            "buildrunner.http.calls 1 read 200",
            "buildrunner.http.budget.remaining 50",
            "buildrunner.http.calls 1 create 200");
    }

    [Fact]
    public async Task An_exhausted_budget_holds_everything_until_it_is_whole_again()
    {
        ScriptedHandler handler = new(static _ => WithBudget(ScriptedHandler.Reply(200), 100, 0, 60));
        using var backend = Backend(handler);
        await backend.CreateAsync();

        var act = () => backend.CreateAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(60));
        handler.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_403_that_is_a_limit_is_no_faulty_setup()
    {
        ScriptedHandler handler = new(static _ => WithBudget(ScriptedHandler.Reply(403), 100, 0, 60));
        using var backend = Backend(handler);

        var act = () => backend.CreateAsync();

        var thrown = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
        thrown.IsTransient.Should().BeTrue();
        thrown.RetryAfter.Should().Be(TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("31536000")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    public async Task No_header_stops_a_runner_for_more_than_an_hour(string retryAfter)
    {
        ScriptedHandler handler = new(_ => RateLimited("Retry-After", retryAfter));
        using var backend = Backend(handler);

        var act = () => backend.CreateAsync();
        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromHours(1));
        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromHours(1));
        handler.Requests.Should().ContainSingle();
        _time.Advance(TimeSpan.FromHours(1));
        await act.Should().ThrowExactlyAsync<BuildRunnerException>();

        handler.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_budget_that_is_whole_in_a_year_holds_polls_for_an_hour_at_a_time()
    {
        ScriptedHandler handler = new(static _ => WithBudget(ScriptedHandler.Reply(200, "{\"state\":\"x\"}"), 100, 10, 31_536_000));
        using var backend = Backend(handler);
        await backend.ReadAsync();

        var poll = () => backend.ReadAsync();

        (await poll.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromHours(1));
        await poll.Should().NotThrowAsync();
    }

    private static HttpResponseMessage RateLimited(string header, string value)
    {
        var reply = ScriptedHandler.Reply(429);
        reply.Headers.TryAddWithoutValidation(header, value);
        return reply;
    }

    private static HttpResponseMessage WithBudget(HttpResponseMessage reply, int limit, int remaining, int reset)
    {
        reply.Headers.TryAddWithoutValidation("RateLimit-Limit", limit.ToString(CultureInfo.InvariantCulture));
        reply.Headers.TryAddWithoutValidation("RateLimit-Remaining", remaining.ToString(CultureInfo.InvariantCulture));
        reply.Headers.TryAddWithoutValidation("RateLimit-Reset", reset.ToString(CultureInfo.InvariantCulture));
        return reply;
    }

    private HttpBackend Backend(ScriptedHandler handler) => Calls.Backend(handler, options => options with { TimeProvider = _time });
}
