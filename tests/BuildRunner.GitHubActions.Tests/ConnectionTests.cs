using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>What real connections do to a dispatch, counted where it arrives.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly FakeServer<FakeGitHub> _server = new(new FakeGitHub(TimeProvider.System));

    public async ValueTask InitializeAsync()
    {
        _server.Service.Tokens[GitHubSetup.Token] = DateTimeOffset.MaxValue;
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_is_closed_after_the_dispatch_sends_no_second_one_and_its_run_is_found(bool isReused)
    {
        await using var provider = Provide(_server.Address);
        var runner = provider.GetRequiredService<IBuildRunner>();
        if (isReused)
        {
            await runner.TriggerAsync(GitHubSetup.Request(), TestContext.Current.CancellationToken);
        }

        var before = _server.Service.Dispatches;
        _server.Service.Fail(static request => request.Method == "POST", FakeReply.Lost, acts: true);

        var buildId = await runner.TriggerAsync(GitHubSetup.Request(), TestContext.Current.CancellationToken);

        (_server.Service.Dispatches - before).Should().Be(1);
        _server.Service.RunOf(buildId).Should().BeSameAs(_server.Service.Runs[^1]);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_resilience_handler_of_the_host_sends_no_second_dispatch()
    {
        ServiceCollection services = new();
        services.AddHttpClient().ConfigureHttpClientDefaults(static client => client.AddStandardResilienceHandler());
        await using var provider = Provide(_server.Address, services);
        _server.Service.Fail(static request => request.Method == "POST", FakeReply.Html(502), acts: true, stays: true);

        await provider.GetRequiredService<IBuildRunner>().TriggerAsync(GitHubSetup.Request(), TestContext.Current.CancellationToken);

        _server.Service.Dispatches.Should().Be(1);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_log_is_followed_to_another_host_without_the_token()
    {
        await using var provider = Provide(_server.Address);
        var runner = provider.GetRequiredService<GitHubActionsBuildRunner>();
        var buildId = await runner.TriggerAsync(GitHubSetup.Request(), TestContext.Current.CancellationToken);
        var run = _server.Service.RunOf(buildId);
        run.Jobs = () => [GitHubAnswers.Job(_server.Service, run, 1, 7, "build", "completed", "success")];
        _server.Service.Logs[7] = "done\n";

        await using var stream = await runner.OpenLogAsync(buildId, TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);

        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Should().Be("== build (success)\ndone\n");
        _server.Service.Requests.Single(static request => request.Path.StartsWith("/store/", StringComparison.Ordinal))
            .Headers.Keys.Should().NotContain("Authorization");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_caller_who_leaves_while_the_answer_is_still_coming_has_sent_one_dispatch()
    {
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        await using var provider = Provide(new Uri($"http://{listener.LocalEndpoint}/"));
        using CancellationTokenSource leave = new();

        var trigger = provider.GetRequiredService<IBuildRunner>().TriggerAsync(GitHubSetup.Request(), leave.Token);
        using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var text = await ReadUntilBodyAsync(connection.GetStream());
        await connection.GetStream().WriteAsync(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"workflow_run_id\":"u8.ToArray(),
            TestContext.Current.CancellationToken);
        await leave.CancelAsync();

        await FluentActions.Awaiting(() => trigger).Should().ThrowAsync<OperationCanceledException>();
        text.Should().StartWith("POST ").And.NotContain("Expect:");
        listener.Pending().Should().BeFalse();
    }

    private static async Task<string> ReadUntilBodyAsync(NetworkStream stream)
    {
        StringBuilder text = new();
        var buffer = new byte[4096];
        while (!text.ToString().Contains("return_run_details", StringComparison.Ordinal))
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)));
        }

        return text.ToString();
    }

    private static ServiceProvider Provide(Uri address, ServiceCollection? services = null) =>
        (services ?? []).AddGitHubActionsBuildRunner(options =>
        {
            options.ApiUrl = address;
            (options.Owner, options.Repository, options.Workflow) = ("acme", "shop", FakeGitHub.WorkflowFile);
            options.Token = static _ => new(GitHubSetup.Token);
        }).BuildServiceProvider();
}
