using Acorn;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Http.Tests;

/// <summary>H1: no layer sends a create twice.</summary>
public sealed class OneCreateTests
{
    // Answers the first request, so that its connection is reused, and closes that after the next POST.
    private static RawReply? AnswerReadsAlone(RawRequest request) => request.Method == "GET" ? new RawReply(200, "{\"state\":\"idle\"}") : null;

    [Fact]
    public async Task A_create_on_a_reused_connection_that_is_closed_without_an_answer_is_sent_once()
    {
        await using RawServer server = new(AnswerReadsAlone);
        using var backend = Calls.Backend(server.Address);
        await backend.ReadAsync(TestContext.Current.CancellationToken);

        var act = () => backend.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        server.CountOf("POST").Should().Be(1);
    }

    [Fact]
    public async Task The_transport_of_NET_sends_a_request_without_a_body_again()
    {
        await using RawServer server = new(AnswerReadsAlone);
        using HttpClient client = new();
        await client.GetStringAsync(server.Address, TestContext.Current.CancellationToken);

        var act = () => client.PostAsync(server.Address, content: null, TestContext.Current.CancellationToken);

        await act.Should().ThrowAsync<HttpRequestException>();
        server.CountOf("POST").Should().BeGreaterThan(1, "this is what the rule is there for");
    }

    [Fact]
    public async Task What_a_host_configures_for_its_clients_does_not_reach_a_runner()
    {
        await using RawServer server = new(static request => new RawReply(request.Path.EndsWith("runs", StringComparison.Ordinal) ? 503 : 500));
        ServiceCollection services = new();
        services.ConfigureHttpClientDefaults(static client => client.AddStandardResilienceHandler(static options => options.Retry.Delay = TimeSpan.Zero));
        services.AddAcornRunner(options => (options.Url, options.Token) = (server.Address, static _ => new("token")));
        await using var provider = services.BuildServiceProvider();

        var act = () => provider.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        var ofTheRunner = server.CountOf("POST");
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient();
        using var answer = await client.PostAsync(new Uri(server.Address, "others"), new StringContent("{}"), TestContext.Current.CancellationToken);

        ofTheRunner.Should().Be(1);
        server.CountOf("POST").Should().BeGreaterThan(2, "this is what the rule is there for");
    }

    [Fact]
    public async Task A_create_without_a_body_is_refused_unsent()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(200));
        using var backend = Calls.Backend(handler);

        var act = () => backend.CreateAsync(new HttpRequestMessage(HttpMethod.Post, "builds"), static _ => Calls.Build);

        await act.Should().ThrowExactlyAsync<ArgumentException>();
        handler.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_create_never_waits_for_a_go_ahead()
    {
        await using RawServer server = new(static _ => new RawReply(200));
        using var backend = Calls.Backend(server.Address);
        using var request = Calls.Post("builds");
        request.Headers.ExpectContinue = true;

        await backend.CreateAsync(request, static _ => Calls.Build, cancellationToken: TestContext.Current.CancellationToken);

        server.Requests.Should().ContainSingle().Which.Headers.Should().NotContainKey("Expect");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed_and_proves_nothing(int status)
    {
        await using RawServer server = new(request => request.Path == "/elsewhere" ? new RawReply(200) : new RawReply(status, Headers: "Location: /elsewhere\r\n"));
        using var backend = Calls.Backend(server.Address);

        var act = () => backend.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        server.Requests.Should().ContainSingle();
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_create_is_not_repeated_whatever_is_answered(int status)
    {
        ScriptedHandler handler = new(_ => ScriptedHandler.Reply(status));
        using var backend = Calls.Backend(handler);

        var act = () => backend.CreateAsync();

        await act.Should().ThrowAsync<BuildRunnerException>();
        handler.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_lost_answer_is_looked_up()
    {
        await using RawServer server = new(static _ => null);
        using var backend = Calls.Backend(server.Address);

        var buildId = await backend.CreateAsync(find: static _ => Task.FromResult<BuildId?>(new BuildId("found")), TestContext.Current.CancellationToken);

        buildId.Should().Be(new BuildId("found"));
        server.CountOf("POST").Should().Be(1);
    }

    [Fact]
    public async Task A_look_up_that_finds_nothing_or_fails_leaves_the_outcome_unknown()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(502));
        using var backend = Calls.Backend(handler);

        var findsNothing = () => backend.CreateAsync(find: static _ => Task.FromResult<BuildId?>(null));
        var fails = () => backend.CreateAsync(find: static _ => throw new BuildRunnerException("Away.") { IsTransient = true });

        await findsNothing.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        await fails.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
    }
}
