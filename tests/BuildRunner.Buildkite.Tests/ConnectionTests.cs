using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildkite.Tests;

/// <summary>What real connections do to a create, counted where it arrives.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly FakeServer<FakeBuildkite> _server = new(new FakeBuildkite(TimeProvider.System), "/v2/");

    public async ValueTask InitializeAsync()
    {
        _server.Service.Tokens[BuildkiteSetup.Token] = BuildkiteSetup.Scopes;
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_is_closed_after_the_create_sends_no_second_one_and_its_build_is_found(bool isReused)
    {
        await using var provider = Provide(_server.Address);
        var runner = provider.GetRequiredService<IBuildRunner>();
        if (isReused)
        {
            await runner.TriggerAsync(BuildkiteSetup.Request(), TestContext.Current.CancellationToken);
        }

        var before = _server.Service.Creates;
        _server.Service.Fail(FakeBuildkite.IsCreate, FakeReply.Lost, acts: true);

        var buildId = await runner.TriggerAsync(BuildkiteSetup.Request(), TestContext.Current.CancellationToken);

        (_server.Service.Creates - before).Should().Be(1);
        _server.Service.BuildOf(buildId).Should().BeSameAs(_server.Service.Builds[^1]);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_connection_that_is_closed_after_a_cancel_sends_no_second_one()
    {
        await using var provider = Provide(_server.Address);
        var runner = provider.GetRequiredService<IBuildRunner>();
        var buildId = await runner.TriggerAsync(BuildkiteSetup.Request(), TestContext.Current.CancellationToken);
        _server.Service.Fail(static request => request.Method == "PUT", FakeReply.Lost, stays: true);

        await FluentActions.Awaiting(() => runner.CancelAsync(buildId, TestContext.Current.CancellationToken)).Should()
            .ThrowAsync<BuildRunnerException>();

        _server.Service.Requests.Count(static request => request.Method == "PUT").Should().Be(1);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_resilience_handler_of_the_host_sends_no_second_create()
    {
        ServiceCollection services = new();
        services.AddHttpClient().ConfigureHttpClientDefaults(static client => client.AddStandardResilienceHandler());
        await using var provider = Provide(_server.Address, services);
        _server.Service.Fail(FakeBuildkite.IsCreate, FakeReply.Html(502), acts: true, stays: true);

        await provider.GetRequiredService<IBuildRunner>().TriggerAsync(BuildkiteSetup.Request(), TestContext.Current.CancellationToken);

        _server.Service.Creates.Should().Be(1);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_redirect_to_another_host_is_not_followed_and_has_no_token()
    {
        await using FakeServer<FakeBuildkite> elsewhere = new(new FakeBuildkite(TimeProvider.System), "/v2/");
        await elsewhere.StartAsync();
        await using var provider = Provide(_server.Address);
        UriBuilder other = new(elsewhere.Address) { Host = "localhost" };
        _server.Service.Fail(
            FakeBuildkite.IsCreate, new FakeReply(307, "", "").With("Location", other.Uri.AbsoluteUri), acts: true);

        var buildId = await provider.GetRequiredService<IBuildRunner>()
            .TriggerAsync(BuildkiteSetup.Request(), TestContext.Current.CancellationToken);

        buildId.Should().Be(new BuildId("verify/1"));
        elsewhere.Service.Requests.Should().BeEmpty();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_caller_who_leaves_while_the_answer_is_still_coming_has_sent_one_create()
    {
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        await using var provider = Provide(new Uri($"http://{listener.LocalEndpoint}/v2/"));
        using CancellationTokenSource leave = new();

        var trigger = provider.GetRequiredService<IBuildRunner>().TriggerAsync(BuildkiteSetup.Request(), leave.Token);
        using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = connection.GetStream();
        await ReadUntilAsync(stream, "\r\n\r\n");
        await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]");
        var text = await ReadUntilAsync(stream, "build_digest");
        await WriteAsync(stream, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"number\":");
        await leave.CancelAsync();

        await FluentActions.Awaiting(() => trigger).Should().ThrowAsync<OperationCanceledException>();
        text.Should().StartWith("POST ").And.NotContain("Expect:");
        listener.Pending().Should().BeFalse();
    }

    private static Task WriteAsync(NetworkStream stream, string text) =>
        stream.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken).AsTask();

    private static async Task<string> ReadUntilAsync(NetworkStream stream, string end)
    {
        StringBuilder text = new();
        var buffer = new byte[4096];
        while (!text.ToString().Contains(end, StringComparison.Ordinal))
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)));
        }

        return text.ToString();
    }

    private static ServiceProvider Provide(Uri address, ServiceCollection? services = null) =>
        (services ?? []).AddBuildkiteBuildRunner(options =>
        {
            options.ApiUrl = address;
            (options.Organization, options.Pipeline) = ("acme", "verify");
            options.Token = static _ => new(BuildkiteSetup.Token);
        }).BuildServiceProvider();
}
