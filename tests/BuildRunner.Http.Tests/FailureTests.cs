using System.Net;
using System.Net.Sockets;

namespace BuildRunner.Http.Tests;

/// <summary>H2, H3 and H6: what a failure means.</summary>
public sealed class FailureTests
{
    private const string Page = "<html>Bad gateway</html>";

    [Theory]
    [InlineData(400, typeof(BuildRunnerException))]
    [InlineData(401, typeof(BuildRunnerConfigurationException))]
    [InlineData(403, typeof(BuildRunnerConfigurationException))]
    [InlineData(404, typeof(BuildRunnerConfigurationException))]
    [InlineData(409, typeof(BuildRunnerException))]
    [InlineData(410, typeof(BuildRunnerException))]
    [InlineData(413, typeof(BuildRunnerException))]
    [InlineData(415, typeof(BuildRunnerException))]
    [InlineData(422, typeof(BuildRunnerException))]
    [InlineData(429, typeof(BuildRunnerException), true)]
    [InlineData(302, typeof(TriggerOutcomeUnknownException))]
    [InlineData(408, typeof(TriggerOutcomeUnknownException))]
    [InlineData(418, typeof(TriggerOutcomeUnknownException))]
    [InlineData(425, typeof(TriggerOutcomeUnknownException))]
    [InlineData(500, typeof(TriggerOutcomeUnknownException))]
    [InlineData(502, typeof(TriggerOutcomeUnknownException))]
    [InlineData(503, typeof(TriggerOutcomeUnknownException))]
    [InlineData(504, typeof(TriggerOutcomeUnknownException))]
    [InlineData(524, typeof(TriggerOutcomeUnknownException))]
    public async Task What_a_service_answers_to_a_create_proves_what_the_table_says(int status, Type type, bool isTransient = false)
    {
        using var backend = Calls.Backend(new ScriptedHandler(_ => ScriptedHandler.Reply(status, "{\"error\":\"no\"}")));

        var act = () => backend.CreateAsync();

        var thrown = (await act.Should().ThrowAsync<BuildRunnerException>()).Which;
        thrown.Should().BeOfType(type);
        thrown.IsTransient.Should().Be(isTransient);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(403, "Retry-After", "0")]
    [InlineData(403, "RateLimit-Remaining", "0")]
    [InlineData(404)]
    [InlineData(422)]
    [InlineData(429)]
    public async Task A_page_of_a_proxy_is_never_the_service_s_word(int status, string? header = null, string? value = null)
    {
        ScriptedHandler handler = new(_ =>
        {
            var reply = ScriptedHandler.Reply(status, Page, "text/html");
            if (header is not null)
            {
                reply.Headers.Add(header, value);
            }

            return reply;
        });
        using var backend = Calls.Backend(handler, static options => options with { Credentials = static (_, _) => new(HttpCredential.Bearer("token")) });

        var create = async () =>
        {
            await backend.CreateAsync();
        };
        var read = () => backend.ReadAsync();

        await create.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        handler.Requests.Should().ContainSingle("what a proxy refuses, the service may have seen");
        (await read.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_success_without_an_id_is_an_unknown_outcome()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200, "no id")));

        var act = () => backend.CreateAsync();

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
    }

    [Fact]
    public async Task What_a_service_s_own_rule_says_goes_before_the_table()
    {
        using var backend = Calls.Backend(
            new ScriptedHandler(static _ => ScriptedHandler.Reply(400, "{\"error\":\"too many pipelines\"}")),
            static options => options with { JudgeCreate = static reply => reply.Text.Contains("too many", StringComparison.Ordinal) ? CreateVerdict.TryLater : null });

        var act = () => backend.CreateAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError)]
    [InlineData(HttpRequestError.ConnectionError)]
    [InlineData(HttpRequestError.SecureConnectionError)]
    [InlineData(HttpRequestError.ProxyTunnelError)]
    public async Task What_fails_before_a_connection_is_there_has_created_nothing(HttpRequestError error)
    {
        using var backend = Calls.Backend(new ScriptedHandler(_ => throw new HttpRequestException(error)));

        var act = () => backend.CreateAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Theory]
    [InlineData(HttpRequestError.Unknown)]
    [InlineData(HttpRequestError.ResponseEnded)]
    [InlineData(HttpRequestError.InvalidResponse)]
    public async Task What_breaks_later_may_have_created_a_build(HttpRequestError error)
    {
        using var backend = Calls.Backend(new ScriptedHandler(_ => throw new HttpRequestException(error)));

        var act = () => backend.CreateAsync();

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
    }

    [Fact]
    public async Task A_server_that_is_not_there_has_created_nothing()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}/");
        taken.Stop();
        using var backend = Calls.Backend(address);

        var act = () => backend.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_time_out_is_unknown_for_a_create_and_transient_for_a_read()
    {
        FakeTimeProvider time = new();
        TaskCompletionSource reached = new();
        using var backend = Calls.Backend(Hanging(() => reached.TrySetResult()), options => options with { TimeProvider = time });

        var create = backend.CreateAsync();
        await reached.Task;
        time.Advance(TimeSpan.FromMinutes(1));
        reached = new();
        var act = () => create;
        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        var read = backend.ReadAsync();
        await reached.Task;
        time.Advance(TimeSpan.FromMinutes(1));
        var readAct = () => read;

        (await readAct.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task The_caller_s_own_cancellation_is_the_only_one_that_leaves()
    {
        using CancellationTokenSource caller = new();
        TaskCompletionSource reached = new();
        using var backend = Calls.Backend(Hanging(() => reached.TrySetResult()));

        var create = backend.CreateAsync(cancellationToken: caller.Token);
        await reached.Task;
        await caller.CancelAsync();

        var act = () => create;
        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"state\":")]
    [InlineData("null")]
    [InlineData("<html/>")]
    public async Task A_body_that_cannot_be_read_is_transient(string body)
    {
        using var backend = Calls.Backend(new ScriptedHandler(_ => ScriptedHandler.Reply(200, body)));

        var act = () => backend.ReadAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task Unknown_and_missing_members_are_no_matter()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200, "{\"new\":[1,{}]}")));

        (await backend.ReadAsync())!.State.Should().BeNull();
    }

    [Fact]
    public async Task A_body_over_the_limit_is_not_read()
    {
        using var backend = Calls.Backend(
            new ScriptedHandler(static _ => ScriptedHandler.Reply(200, $"{{\"state\":\"{new string('x', 2000)}\"}}")),
            static options => options with { MaxResponseBytes = 1000 });

        var read = () => backend.ReadAsync();
        var create = () => backend.CreateAsync();

        await read.Should().ThrowExactlyAsync<BuildRunnerException>();
        await create.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
    }

    [Theory]
    [InlineData("http://elsewhere.test/builds")]
    [InlineData("//elsewhere.test/builds")]
    [InlineData("/builds")]
    [InlineData("../builds")]
    [InlineData("builds/../../x")]
    public async Task An_address_that_leads_elsewhere_is_refused_unsent(string address)
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(200));
        using var backend = Calls.Backend(handler);

        var act = () => backend.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.RelativeOrAbsolute)));

        await act.Should().ThrowExactlyAsync<ArgumentException>();
        handler.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task An_escaped_slash_stays_one()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(200));
        using var backend = Calls.Backend(handler);

        await backend.SendAsync(new HttpRequestMessage(HttpMethod.Get, "job/feature%2Fa"));

        handler.Requests.Should().Equal("GET /api/job/feature%2Fa");
    }

    private static ScriptedHandler Hanging(Action reached) => new(async (_, cancellationToken) =>
    {
        reached();
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException("Never.");
    });
}
