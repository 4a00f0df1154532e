using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace BuildRunner.AspNetCore.Tests;

/// <summary>The cost that strangers can cause.</summary>
public sealed class LimitTests
{
    private const int Limit = 25 * 1024 * 1024;
    private const int SmallLimit = 100_000;

    private static readonly byte[] Zeros = new byte[Limit + 1];
    private static readonly Webhook Largest = Webhook.OfSize(Limit);
    private static readonly byte[] LargestBody = Encoding.UTF8.GetBytes(Largest.Body);

    [Fact]
    public async Task A_body_that_says_that_it_is_too_large_is_not_read()
    {
        await using var app = await WebhookApp.StartAsync();
        PacedStream body = new(new byte[Limit + 1]);

        var response = await app.SendAsync(body, Limit + 1);

        response.StatusCode.Should().Be(413);
        body.Taken.Should().Be(0);
        app.Runner.Asked.Should().Be(0);
    }

    [Fact]
    public async Task A_body_that_turns_out_to_be_too_large_is_not_read_on()
    {
        await using var app = await WebhookApp.StartAsync();
        PacedStream body = new(new byte[2 * Limit]);

        var response = await app.SendAsync(body, contentLength: null);

        response.StatusCode.Should().Be(413);
        body.Taken.Should().BeInRange(Limit + 1, Limit + 100_000);
        app.Runner.Asked.Should().Be(0);
    }

    [Theory]
    [InlineData(100, true, 202)]
    [InlineData(1024, true, 202)]
    [InlineData(16 * 1024, true, 202)]
    [InlineData(SmallLimit, true, 202)]
    [InlineData(SmallLimit + 1, true, 413)]
    [InlineData(100, false, 202)]
    [InlineData((16 * 1024) + 1, false, 202)]
    [InlineData(SmallLimit, false, 202)]
    [InlineData(SmallLimit + 1, false, 413)]
    public async Task The_limit_can_be_set_and_what_is_at_it_is_read_whole(int size, bool isLengthKnown, int expected)
    {
        await using var app = await WebhookApp.StartAsync(
            restrict: static endpoint => endpoint.WithMetadata(new RequestSizeLimitAttribute(SmallLimit)));
        var webhook = Webhook.OfSize(size);
        webhook.Body.Length.Should().Be(size);

        PacedStream body = new(Encoding.UTF8.GetBytes(webhook.Body));
        var response = await app.SendAsync(body, isLengthKnown ? size : null, webhook.Signature);

        response.StatusCode.Should().Be(expected);
        app.Signals.Should().HaveCount(expected == 202 ? 1 : 0);
    }

    [Fact]
    public async Task A_body_that_does_not_come_in_ten_seconds_is_given_up()
    {
        await using var app = await WebhookApp.StartAsync();
        PacedStream body = new(Zeros, stallsAt: 10);
        var sending = app.SendAsync(body, 100);
        await body.Stalled;
        app.Time.Advance(TimeSpan.FromSeconds(9.9));
        var isGivenUpEarly = sending.IsCompleted;

        app.Time.Advance(TimeSpan.FromSeconds(0.1));
        var response = await sending.WaitAsync(WebhookApp.Safety);

        isGivenUpEarly.Should().BeFalse();
        response.StatusCode.Should().Be(408);
        app.Runner.Asked.Should().Be(0);
    }

    [Fact]
    public async Task Bodies_that_are_being_read_take_a_hundred_megabytes_at_most_and_then_others_are_refused_at_once()
    {
        await using var app = await WebhookApp.StartAsync();
        using CancellationTokenSource gone = new();
        List<PacedStream> bodies = [];
        List<Task> sending = [];
        for (var number = 0; number < 4; number++)
        {
            PacedStream body = new(Zeros, stallsAt: Limit - 1000);
            bodies.Add(body);
            sending.Add(app.SendAsync(body, contentLength: null, cancellationToken: gone.Token));

            // Each is where it stops before the next begins, because what grows takes more for a moment.
            await (await Task.WhenAny(body.Stalled, sending[^1])).WaitAsync(WebhookApp.Safety);
        }

        var refused = await app.SendAsync(new PacedStream(Zeros), contentLength: null);
        await gone.CancelAsync();
        await EndAsync(sending);

        refused.StatusCode.Should().Be(503);
        refused.Headers.RetryAfter.ToString().Should().Be("10");
        app.Logs.Lines.Should().Contain(static line => line.Level == Microsoft.Extensions.Logging.LogLevel.Warning);
        (await FreedAsync(app)).Should().Be(202, "who has gone holds nothing");
    }

    [Fact]
    public async Task What_is_announced_takes_no_memory()
    {
        await using var app = await WebhookApp.StartAsync();
        using CancellationTokenSource gone = new();
        List<Task> sending = [];
        for (var number = 0; number < 1000; number++)
        {
            PacedStream body = new(Zeros, stallsAt: 0);
            sending.Add(app.SendAsync(body, Limit, cancellationToken: gone.Token));
            await body.Stalled;
        }

        var status = await app.SendAsync(Webhook.Vector);
        await gone.CancelAsync();

        status.Should().Be(202, "a thousand times 25 MiB would be too much");
        await EndAsync(sending);
    }

    [Theory]
    [InlineData(202)]
    [InlineData(401)]
    [InlineData(413)]
    public async Task What_is_answered_holds_no_memory(int expected)
    {
        await using var app = await WebhookApp.StartAsync();

        for (var time = 0; time < 6; time++)
        {
            PacedStream body = new(expected == 413 ? Zeros : LargestBody);
            var response = await app.SendAsync(body, null, expected == 401 ? null : Largest.Signature);
            response.StatusCode.Should().Be(expected);
        }
    }

    private static Task EndAsync(IEnumerable<Task> sending) =>
        Task.WhenAll(sending.Select(static one => one.ContinueWith(static _ => { }, TaskScheduler.Default))).WaitAsync(WebhookApp.Safety);

    // A request that was given up may end a moment later.
    private static async Task<int> FreedAsync(WebhookApp app)
    {
        using CancellationTokenSource limit = new(WebhookApp.Safety);
        while (true)
        {
            var response = await app.SendAsync(new PacedStream(LargestBody), null, Largest.Signature);
            if (response.StatusCode != 503 || limit.IsCancellationRequested)
            {
                return response.StatusCode;
            }

            await Task.Yield();
        }
    }
}
