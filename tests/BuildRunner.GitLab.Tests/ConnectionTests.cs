using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitLab.Tests;

/// <summary>What real connections do to a create, counted where it arrives.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly FakeServer<FakeGitLab> _server = new(new FakeGitLab(TimeProvider.System));

    public async ValueTask InitializeAsync()
    {
        _server.Service.Tokens[GitLabSetup.Token] = DateTimeOffset.MaxValue;
        _server.Service.TriggerTokens.Add(GitLabSetup.TriggerToken);
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_connection_that_is_closed_after_the_create_sends_no_second_one_and_its_pipeline_is_found(
        bool isReused, bool hasTriggerToken)
    {
        await using var provider = Provide(options =>
            options.TriggerToken = hasTriggerToken ? static _ => new(GitLabSetup.TriggerToken) : null);
        var runner = provider.GetRequiredService<IBuildRunner>();
        if (isReused)
        {
            await runner.TriggerAsync(GitLabSetup.Request(), TestContext.Current.CancellationToken);
        }

        var before = _server.Service.Creates;
        _server.Service.Fail(FakeGitLab.IsCreate, FakeReply.Lost, acts: true);

        var buildId = await runner.TriggerAsync(GitLabSetup.Request(), TestContext.Current.CancellationToken);

        (_server.Service.Creates - before).Should().Be(1);
        _server.Service.PipelineOf(buildId).Should().BeSameAs(_server.Service.Pipelines[^1]);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_resilience_handler_of_the_host_sends_no_second_create()
    {
        ServiceCollection services = new();
        services.AddHttpClient().ConfigureHttpClientDefaults(static client => client.AddStandardResilienceHandler());
        await using var provider = Provide(static _ => { }, services);
        _server.Service.Fail(FakeGitLab.IsCreate, FakeReply.Html(502), acts: true, stays: true);

        await provider.GetRequiredService<IBuildRunner>().TriggerAsync(GitLabSetup.Request(), TestContext.Current.CancellationToken);

        _server.Service.Creates.Should().Be(1);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_caller_who_leaves_while_the_answer_is_still_coming_has_sent_one_create()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await using var provider = Provide(options => options.Url = new Uri($"http://{listener.LocalEndpoint}/"));
        using CancellationTokenSource leave = new();

        var trigger = provider.GetRequiredService<IBuildRunner>().TriggerAsync(GitLabSetup.Request(), leave.Token);
        using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var text = await ReadUntilBodyAsync(connection.GetStream());
        await connection.GetStream().WriteAsync(
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\":"u8.ToArray(),
            TestContext.Current.CancellationToken);
        await leave.CancelAsync();

        await FluentActions.Awaiting(() => trigger).Should().ThrowAsync<OperationCanceledException>();
        text.Should().StartWith("POST /api/v4/projects/acme%2Fshop/pipeline HTTP/1.1").And.NotContain("Expect:");
        listener.Pending().Should().BeFalse();
    }

    private static async Task<string> ReadUntilBodyAsync(NetworkStream stream)
    {
        StringBuilder text = new();
        var buffer = new byte[4096];
        while (!text.ToString().Contains("BUILD_REQUEST", StringComparison.Ordinal))
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)));
        }

        return text.ToString();
    }

    private ServiceProvider Provide(Action<GitLabBuildRunnerOptions> configure, ServiceCollection? services = null) =>
        (services ?? []).AddGitLabBuildRunner(options =>
        {
            (options.Url, options.Project) = (_server.Address, _server.Service.Project);
            options.Token = static _ => new(GitLabSetup.Token);
            configure(options);
        }).BuildServiceProvider();
}
