using BuildRunner.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.AspNetCore.Tests;

/// <summary>From the webhook to the end of the build, which is polled once in an hour otherwise. That it takes a second at most is in
/// the tests of the orchestration, where the clock waits for what is done.</summary>
public sealed class HastenTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_end_is_seen_by_its_webhook_also_where_an_earlier_read_is_still_fresh(bool isShared)
    {
        var (app, runner, build) = await StartRunningAsync(isShared);
        await using var owned = app;
        _time.Advance(Second);
        runner.Fake.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);

        var status = await app.SendAsync(Webhook.Of(build.RemoteId.Value));
        var ended = await PassAsync(app.Observer.EndOfAsync(build.Id));

        status.Should().Be(202);
        ended.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task What_a_webhook_says_is_not_believed()
    {
        var (app, runner, build) = await StartRunningAsync();
        await using var owned = app;

        await app.SendAsync(new Webhook($$"""{"workflow_run":{"id":"{{build.RemoteId}}","conclusion":"success"},"x":0}"""));
        await PassAsync(runner.PolledAsync());

        (await app.Orchestrator.GetAsync(build.Id))!.Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task Replays_cause_one_poll()
    {
        var (app, runner, build) = await StartRunningAsync();
        await using var owned = app;
        var replay = Webhook.Of(build.RemoteId!.Value);

        for (var time = 0; time < 20; time++)
        {
            (await app.SendAsync(replay)).Should().Be(202, "a service may send it again");
        }

        await PassAsync(runner.PolledAsync());
        runner.Fake.MoveTo(build.RemoteId.Value, BuildStatus.Succeeded);
        await app.SendAsync(replay);
        await PassAsync(app.Observer.EndOfAsync(build.Id));
        var afterwards = await app.SendAsync(replay);

        afterwards.Should().Be(202);
        runner.Polls.Should().HaveCount(3, "it was polled when it began, for the replays, and for the end");
    }

    [Fact]
    public async Task A_thousand_webhooks_in_a_second_cause_two_polls_in_a_second_one_at_a_time()
    {
        var (app, runner, build) = await StartRunningAsync();
        await using var owned = app;
        var start = _time.GetUtcNow();

        for (var step = 0; step < 20; step++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.SendAsync(Webhook.Of(build.RemoteId!.Value))));
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        runner.Fake.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);
        await app.SendAsync(Webhook.Of(build.RemoteId.Value));
        await PassAsync(app.Observer.EndOfAsync(build.Id));

        runner.Polls.Count.Should().BeInRange(2, 1 + (int)(2 * (_time.GetUtcNow() - start).TotalSeconds));
        runner.MostUnderWay.Should().Be(1);
    }

    [Slow]
    [Fact]
    public async Task A_webhook_that_one_process_takes_hastens_the_poll_of_another()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            FakeBuildRunner fake = new();
            fake.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
            var connection = $"Data Source={Path.Combine(folder.FullName, "builds.db")}";
            await using var poller = await StartAsync(polls: true);
            await using var taker = await StartAsync(polls: false);
            var submitted = await taker.SubmitAsync();
            var build = await poller.Observer.RunOfAsync(submitted.Id);
            fake.MoveTo(build.RemoteId!.Value, BuildStatus.Failed);

            var status = await taker.SendAsync(Webhook.Of(build.RemoteId.Value));
            var ended = await poller.Observer.EndOfAsync(build.Id);

            status.Should().Be(202);
            ended.Status.Should().Be(BuildStatus.Failed, "it is polled once in an hour otherwise");

            Task<StageApp> StartAsync(bool polls)
            {
                StageRunner runner = new(fake, TimeProvider.System);
                return StageApp.StartAsync(runner, TimeProvider.System, queue => queue.UseSqlite(connection), Hour, polls);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Lets time pass until something has happened.</summary>
    private async Task<T> PassAsync<T>(Task<T> happening)
    {
        while (!happening.IsCompleted)
        {
            // The delay lets the host work between two steps of the clock. It decides nothing.
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(happening, Task.Delay(20));
        }

        return await happening;
    }

    private async Task<(StageApp App, StageRunner Runner, Build Build)> StartRunningAsync(bool isShared = false)
    {
        FakeBuildRunner fake = new(_time);
        fake.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var runner = isShared ? new SharedStageRunner(fake, _time) : new StageRunner(fake, _time);
        var app = await StageApp.StartAsync(runner, _time, static queue => queue.UseInMemory(), Hour);
        var submitted = await app.SubmitAsync();
        var build = await app.Observer.RunOfAsync(submitted.Id);
        await runner.PolledAsync();
        return (app, runner, build);
    }
}
