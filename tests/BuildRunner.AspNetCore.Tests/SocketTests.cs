using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace BuildRunner.AspNetCore.Tests;

/// <summary>The server that programs have, on a socket of this machine.</summary>
public sealed class SocketTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_authentic_webhook_is_accepted_also_in_pieces(bool isChunked)
    {
        await using var app = await WebhookApp.StartAsync(isOnSocket: true);
        using HttpClient client = new() { BaseAddress = app.Address };

        using var response = await client.SendAsync(Webhook.OfSize(300_000).ToRequest(isChunked: isChunked));

        ((int)response.StatusCode).Should().Be(202);
        app.Signals.Should().Equal(("ci", "7"));
    }

    [Fact]
    public async Task A_body_that_says_that_it_is_too_large_is_refused_before_it_is_sent()
    {
        await using var app = await WebhookApp.StartAsync(isOnSocket: true);
        using var client = await RawClient.ConnectAsync(app);

        await client.WriteHeadersAsync("Content-Length: 26214401", "Expect: 100-continue");

        (await client.ReadToEndAsync()).Should().StartWith("HTTP/1.1 413").And.Contain("Connection: close");
    }

    [Fact]
    public async Task A_body_that_turns_out_to_be_too_large_is_refused_and_its_connection_closed()
    {
        await using var app = await WebhookApp.StartAsync(
            isOnSocket: true,
            restrict: static endpoint => endpoint.WithMetadata(new RequestSizeLimitAttribute(100_000)));
        using var client = await RawClient.ConnectAsync(app);
        await client.WriteHeadersAsync("Transfer-Encoding: chunked");
        await client.WriteAsync($"186a1\r\n{new string('x', 100_001)}\r\n");

        (await client.ReadToEndAsync()).Should().StartWith("HTTP/1.1 413");
        app.Runner.Asked.Should().Be(0);
    }

    [Theory]
    [InlineData(30 * 1024 * 1024, 202)]
    [InlineData(25 * 1024 * 1024, 401)]
    public async Task The_limit_of_the_server_is_not_in_the_way(int size, int expected)
    {
        await using var app = await WebhookApp.StartAsync(
            isOnSocket: true,
            restrict: endpoint => endpoint.WithMetadata(new RequestSizeLimitAttribute(size)));
        using HttpClient client = new() { BaseAddress = app.Address };
        var webhook = Webhook.OfSize(size);

        using var response = await client.SendAsync((expected == 202 ? webhook : webhook with { Signature = null }).ToRequest());

        ((int)response.StatusCode).Should().Be(expected);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up_and_its_connection_closed()
    {
        await using var app = await WebhookApp.StartAsync(isOnSocket: true);
        using var client = await RawClient.ConnectAsync(app);
        await client.WriteHeadersAsync("Content-Length: 100");
        await client.WriteAsync("{");

        var answer = client.ReadToEndAsync();
        while (!answer.IsCompleted)
        {
            // The server says nowhere that it has begun to read.
            app.Time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(answer, Task.Delay(10));
        }

        (await answer).Should().StartWith("HTTP/1.1 408").And.Contain("Connection: close");
        app.Runner.Asked.Should().Be(0);
    }

    [Theory]
    [InlineData("Content-Length: 1000")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task A_connection_that_is_cut_in_the_middle_of_a_body_does_nothing(string header)
    {
        var app = await WebhookApp.StartAsync(isOnSocket: true);
        using (var client = await RawClient.ConnectAsync(app))
        {
            await client.WriteHeadersAsync(header, $"X-Hub-Signature-256: {Webhook.Vector.Signature}");
            var body = Webhook.Vector.Body;
            await client.WriteAsync(header.StartsWith('T') ? $"{body.Length:x}\r\n{body}\r\n" : body);
        }

        using HttpClient next = new() { BaseAddress = app.Address };
        using var response = await next.SendAsync(Webhook.Vector.ToRequest());
        await app.DisposeAsync();

        ((int)response.StatusCode).Should().Be(202);
        app.Runner.Asked.Should().Be(1);
        app.Signals.Should().ContainSingle();
        app.Logs.Lines.Should().NotContain(static line => line.Level >= LogLevel.Warning);
    }

    [Theory]
    [InlineData("5\r\nabc")]
    [InlineData("zz\r\n")]
    public async Task A_body_that_is_no_http_is_refused(string body)
    {
        await using var app = await WebhookApp.StartAsync(isOnSocket: true);
        using var client = await RawClient.ConnectAsync(app);
        await client.WriteHeadersAsync("Transfer-Encoding: chunked", "Connection: close");
        await client.WriteAsync(body + "\r\n\r\n\r\n\r\n");

        (await client.ReadToEndAsync()).Should().StartWith("HTTP/1.1 400");
        app.Runner.Asked.Should().Be(0);
    }

    [Theory]
    [InlineData("webhook-signature:", "X-Gitlab-Token: plain", 401)]
    [InlineData("X-Gitlab-Token: plain", "X-Gitlab-Token: other", 401)]
    [InlineData("x-gitlab-token: plain", "X-Other: 1", 202)]
    public async Task A_claimed_signature_counts_although_it_is_empty_and_of_two_headers_none(string first, string second, int expected)
    {
        await using var app = await WebhookApp.StartAsync(Schemes.GitLab(TimeProvider.System, "plain"), isOnSocket: true);
        using var client = await RawClient.ConnectAsync(app);

        await client.WriteHeadersAsync(first, second, "Content-Length: 2", "Connection: close");
        await client.WriteAsync("{}");

        (await client.ReadToEndAsync()).Should().StartWith($"HTTP/1.1 {expected}");
    }
}
