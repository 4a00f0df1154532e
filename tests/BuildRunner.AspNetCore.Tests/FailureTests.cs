using System.Text;

namespace BuildRunner.AspNetCore.Tests;

/// <summary>Failures of the endpoint itself, and what it answers and logs.</summary>
public sealed class FailureTests
{
    private const string Secret = "the secret of this program";

    [Fact]
    public async Task What_the_database_does_not_save_is_to_be_sent_again()
    {
        await using var app = await WebhookApp.StartAsync();
        app.Orchestrator.SignalAsync("", default).ReturnsForAnyArgs(_ => throw new IOException("The disk is full."), static _ => true);

        var response = await app.SendAsync(new MemoryStream(Encoding.UTF8.GetBytes(Webhook.Vector.Body)), null, Webhook.Vector.Signature);
        var again = await app.SendAsync(Webhook.Vector);

        response.StatusCode.Should().Be(503);
        response.Headers.RetryAfter.ToString().Should().Be("10");
        again.Should().Be(202);
        app.Logs.Lines.Should().Contain(static line => line.Text.Contains("The disk is full.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_hangs_is_waited_for_no_longer_than_the_sender_waits()
    {
        await using var app = await WebhookApp.StartAsync();
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Orchestrator.SignalAsync("", default).ReturnsForAnyArgs(async call =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, call.Arg<CancellationToken>());
            return true;
        });
        var sending = app.SendAsync(Webhook.Vector);
        await asked.Task.WaitAsync(WebhookApp.Safety);

        app.Time.Advance(TimeSpan.FromSeconds(10));

        (await sending.WaitAsync(WebhookApp.Safety)).Should().Be(503);
    }

    [Fact]
    public async Task A_sender_that_has_gone_by_then_has_its_signal_saved()
    {
        await using var app = await WebhookApp.StartAsync();
        using CancellationTokenSource gone = new();
        TaskCompletionSource<bool> saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Orchestrator.SignalAsync("", default).ReturnsForAnyArgs(async call =>
        {
            await gone.CancelAsync();
            saved.TrySetResult(!call.Arg<CancellationToken>().IsCancellationRequested);
            return true;
        });

        _ = app.SendAsync(new MemoryStream(Encoding.UTF8.GetBytes(Webhook.Vector.Body)), null, Webhook.Vector.Signature, gone.Token);

        (await saved.Task.WaitAsync(WebhookApp.Safety)).Should().BeTrue();
    }

    [Fact]
    public async Task A_runner_that_cannot_check_it_refuses_it_and_what_it_says_is_not_repeated()
    {
        await using var app = await WebhookApp.StartAsync(create: static scheme => new Faulty(scheme));

        var status = await app.SendAsync(Webhook.Vector);

        status.Should().Be(503);
        app.Signals.Should().BeEmpty();
        app.Logs.Lines
            .Should().ContainSingle(static line => line.Text.Contains(nameof(InvalidOperationException), StringComparison.Ordinal))
            .Which.Text.Should().Contain(nameof(Faulty), "it says where");
        ShouldTellNothing(app);
    }

    [Theory]
    [InlineData(202)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task No_secret_and_nothing_of_the_body_is_logged(int expected)
    {
        await using var app = await WebhookApp.StartAsync(Schemes.GitHub(Secret));
        Webhook webhook = new(Webhook.Vector.Body, expected == 202 ? Secret : "guess");

        var status = await app.SendAsync(webhook, expected == 404 ? "other" : "ci");

        status.Should().Be(expected);
        app.Logs.Lines.Should().NotBeEmpty();
        ShouldTellNothing(app);
        app.Logs.Lines.Should().NotContain(line => line.Text.Contains(webhook.Signature!, StringComparison.Ordinal));
    }

    private static void ShouldTellNothing(WebhookApp app) =>
        app.Logs.Lines.Should().NotContain(static line =>
            line.Text.Contains(Secret, StringComparison.Ordinal) || line.Text.Contains("30433642", StringComparison.Ordinal));

    private sealed class Faulty(Scheme scheme) : WebhookRunner(new FakeBuildRunner(), scheme)
    {
        public override ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(
            IReadOnlyDictionary<string, string> headers,
            ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException($"{Secret} does not fit to {Encoding.UTF8.GetString(body.Span)}.");
    }
}
