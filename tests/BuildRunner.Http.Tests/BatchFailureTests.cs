using System.Diagnostics;

namespace BuildRunner.Http.Tests;

/// <summary>H9 where the runner's own code fails, and what a request for many does not take from who began it.</summary>
public sealed class BatchFailureTests : IDisposable
{
    private readonly HttpBackend _backend;
    private HttpRequestMessage? _last;

    public BatchFailureTests() => _backend = Calls.Backend(
        new ScriptedHandler(request =>
        {
            _last = request;
            return ScriptedHandler.Reply(200, "{\"state\":\"x\"}");
        }));

    public void Dispose() => _backend.Dispose();

    [Fact]
    public async Task No_more_requests_are_under_way_than_allowed_after_the_runner_could_not_tell_what_is_final()
    {
        List<TaskCompletionSource<IReadOnlyDictionary<int, string>>> underWay = [];
        BatchReader<int, string> reader = new(
            _backend,
            (_, _) =>
            {
                underWay.Add(new());
                return underWay[^1].Task;
            },
            new BatchReaderOptions<string> { Concurrency = 2, ReadAhead = TimeSpan.Zero, IsFinal = static row => row == "bad" ? throw new FormatException("bad") : false });
        var first = reader.GetAsync(1, TestContext.Current.CancellationToken);
        underWay[0].SetResult(new Dictionary<int, string> { [1] = "bad" });
        await FluentActions.Awaiting(() => first).Should().ThrowExactlyAsync<BuildRunnerException>();

        var rest = Enumerable.Range(2, 5).Select(key => reader.GetFreshAsync(key, TimeSpan.Zero, TestContext.Current.CancellationToken)).ToList();

        underWay.Should().HaveCount(1 + 2);
        rest.Should().OnlyContain(static read => !read.IsCompleted);
    }

    [Fact]
    public async Task What_tells_that_a_row_is_final_may_call_the_reader_from_another_thread()
    {
        BatchReader<int, string>? reader = null;
        reader = new(
            _backend,
            static (keys, _) => Task.FromResult<IReadOnlyDictionary<int, string>>(keys.ToDictionary(static key => key, static key => $"row {key}")),
            new BatchReaderOptions<string> { IsFinal = _ => Task.Run(() => reader!.Forget(99)).Wait(TimeSpan.FromMinutes(1)) });

        var row = await reader.GetAsync(1, TestContext.Current.CancellationToken);

        row.Should().Be("row 1");
        var again = await reader.GetFreshAsync(1, TimeSpan.Zero, TestContext.Current.CancellationToken);
        again.Should().BeSameAs(row, "it could be called final");
    }

    [Fact]
    public async Task What_a_read_throws_is_a_failed_call_of_each_that_waits()
    {
        BatchReader<int, string> reader = new(_backend, static (_, _) => throw new FormatException("odd"));
        BatchReader<int, string> timedOut = new(_backend, static (_, _) => throw new OperationCanceledException());

        var odd = () => reader.GetAsync(1);
        var late = () => timedOut.GetAsync(1);

        (await odd.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        (await late.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_request_for_many_is_not_part_of_the_trace_of_the_one_who_began_it()
    {
        AsyncLocal<string> ambient = new();
        List<(string?, Activity?)> seen = [];
        TaskCompletionSource open = new();
        BatchReader<int, string> reader = new(
            _backend,
            async (_, _) =>
            {
                seen.Add((ambient.Value, Activity.Current));
                await open.Task;
                seen.Add((ambient.Value, Activity.Current));
                return new Dictionary<int, string>();
            },
            new BatchReaderOptions<string> { Concurrency = 1, ReadAhead = TimeSpan.Zero });
        using var activity = new Activity("poll").Start();
        ambient.Value = "of who began";

        var reads = Enumerable.Range(0, 2).Select(key => reader.GetAsync(key, TestContext.Current.CancellationToken)).ToList();
        open.SetResult();
        await Task.WhenAll(reads);

        seen.Should().HaveCount(4).And.OnlyContain(static one => one.Item1 == null && one.Item2 == null);
        Activity.Current.Should().BeSameAs(activity);
        ambient.Value.Should().Be("of who began");
    }

    [Fact]
    public async Task A_request_for_many_that_a_cancel_began_is_a_poll_all_the_same()
    {
        BatchReader<int, Row> reader = new(_backend, async (_, token) =>
        {
            await _backend.ReadAsync(token);
            return new Dictionary<int, Row>();
        });

        await _backend.CancelAsync(Calls.Post("stop"), Calls.Build, async token => await reader.GetAsync(1, token) is null, cancellationToken: TestContext.Current.CancellationToken);

        _last!.Options.TryGetValue(HttpBackend.Operation, out var operation).Should().BeTrue();
        operation.Should().Be(HttpOperations.Read);
    }
}
