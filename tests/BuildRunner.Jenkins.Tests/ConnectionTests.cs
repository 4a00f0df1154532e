using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Jenkins.Tests;

/// <summary>What real connections do to a trigger, counted where it arrives.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly FakeServer<FakeJenkins> _server = new(new FakeJenkins(TimeProvider.System) { Job = "shop/feature%2Fx" });

    public async ValueTask InitializeAsync()
    {
        _server.Service.Tokens.Add(JenkinsSetup.Token);
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_is_closed_after_the_trigger_sends_no_second_one_and_its_build_is_found(bool isReused)
    {
        await using var provider = Provide(_server.Address);
        var runner = provider.GetRequiredService<IBuildRunner>();
        if (isReused)
        {
            await runner.TriggerAsync(JenkinsSetup.Request(), TestContext.Current.CancellationToken);
        }

        var before = _server.Service.Creates;
        _server.Service.Fail(static request => request.Method == "POST", FakeReply.Lost, acts: true);

        var buildId = await runner.TriggerAsync(JenkinsSetup.Request(), TestContext.Current.CancellationToken);

        (_server.Service.Creates - before).Should().Be(1);
        _server.Service.BuildOf(buildId).Should().BeSameAs(_server.Service.Builds[^1]);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_resilience_handler_of_the_host_sends_no_second_trigger()
    {
        ServiceCollection services = new();
        services.AddHttpClient().ConfigureHttpClientDefaults(static client => client.AddStandardResilienceHandler());
        await using var provider = Provide(_server.Address, services);
        _server.Service.Fail(static request => request.Method == "POST", FakeReply.Html(502), acts: true, stays: true);

        await provider.GetRequiredService<IBuildRunner>().TriggerAsync(JenkinsSetup.Request(), TestContext.Current.CancellationToken);

        _server.Service.Creates.Should().Be(1);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_folded_trigger_is_not_followed_by_the_transport_and_an_escaped_slash_stays_one()
    {
        await using var provider = Provide(_server.Address);
        var runner = provider.GetRequiredService<IBuildRunner>();
        _server.Service.IsQuietingDown = true;
        var request = JenkinsSetup.Request(key: "key");
        var first = await runner.TriggerAsync(request, TestContext.Current.CancellationToken);
        _server.Service.Answer(static one => one.Path == "/queue/api/json", static (_, own) => own with { Body = "{\"items\":[]}" },
            stays: true);
        await using var other = Provide(_server.Address);

        var second = await other.GetRequiredService<IBuildRunner>().TriggerAsync(request, TestContext.Current.CancellationToken);

        second.Should().Be(first);
        _server.Service.Requests.Should().Contain(static one => one.Path == "/job/shop/job/feature%252Fx/buildWithParameters");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_caller_who_leaves_while_the_answer_is_still_coming_has_sent_one_trigger()
    {
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        await using var provider = Provide(new Uri($"http://{listener.LocalEndpoint}/"));
        using CancellationTokenSource leave = new();
        var cancellationToken = TestContext.Current.CancellationToken;

        var trigger = provider.GetRequiredService<IBuildRunner>().TriggerAsync(JenkinsSetup.Request(), leave.Token);
        using var connection = await listener.AcceptTcpClientAsync(cancellationToken);
        var stream = connection.GetStream();
        await ReadUntilAsync(stream, "\r\n\r\n");
        const string Job = """
            {"buildable":true,"property":[{"parameterDefinitions":[{"name":"BUILD_KEY"},{"name":"BUILD_REQUEST"}]}]}
            """;
        const string Head = "HTTP/1.1 200 OK\r\nX-Jenkins: 2\r\nContent-Type: application/json\r\nContent-Length";
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{Head}: {Job.Length}\r\n\r\n{Job}"), cancellationToken);
        var text = await ReadUntilAsync(stream, "BUILD_REQUEST");
        await stream.WriteAsync("HTTP/1.1 201 Created\r\nX-Jenkins: 2\r\nContent-Length: 100\r\n\r\nhalf"u8.ToArray(), cancellationToken);
        await leave.CancelAsync();

        await FluentActions.Awaiting(() => trigger).Should().ThrowAsync<OperationCanceledException>();
        text.Should().StartWith("POST ").And.NotContain("Expect:");
        listener.Pending().Should().BeFalse();
    }

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
        (services ?? []).AddJenkinsBuildRunner(options =>
        {
            (options.Url, options.Job, options.UserName) = (address, "shop/feature%2Fx", FakeJenkins.UserName);
            options.ApiToken = static _ => new(JenkinsSetup.Token);
        }).BuildServiceProvider();
}
