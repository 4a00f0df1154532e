namespace BuildRunner.Http.Tests;

/// <summary>Shared parts of runners besides the backend.</summary>
public sealed class SharedPartsTests
{
    private static readonly Dictionary<string, string> OfTheService = new() { ["Accept"] = "application/json", ["User-Agent"] = "test" };

    [Fact]
    public async Task Two_backends_of_one_service_share_their_credentials_and_what_they_redact()
    {
        var asked = 0;
        var valid = "token-1";
        HttpResponseMessage Answer(HttpRequestMessage request) => request.Headers.Authorization?.Parameter == valid
            ? ScriptedHandler.Reply(200, "{\"state\":\"x\"}") : ScriptedHandler.Reply(401, "{\"not\":\"token-2\"}");
        using var one = Calls.Backend(new ScriptedHandler(Answer), options => options with
        {
            Credentials = (_, _) => new(Credential(++asked)),
        });
        using var other = Calls.Backend(new ScriptedHandler(Answer), options => options with { SharesCredentialsOf = one });

        await one.ReadAsync();
        await other.ReadAsync();
        var before = asked;
        valid = "token-2";
        await other.ReadAsync();
        await one.ReadAsync();
        valid = "token-9";

        (before, asked).Should().Be((1, 2));
        (await FluentActions.Awaiting(() => one.ReadAsync()).Should().ThrowAsync<BuildRunnerConfigurationException>())
            .Which.Message.Should().NotContain("token-2");
        other.Redactor.Should().BeSameAs(one.Redactor);
        other.Dispose();
        valid = "token-4";
        await one.ReadAsync();
    }

    private static HttpCredential Credential(int number) =>
        new("Authorization", $"Bearer token-{number}", $"token-{number}") { ExpiresAt = DateTimeOffset.MaxValue };

    [Fact]
    public void A_backend_has_credentials_of_its_own_or_shares_some()
    {
        using var one = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)));

        FluentActions.Invoking(() => Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)), options =>
            options with { SharesCredentialsOf = one, Credentials = static (_, _) => new(HttpCredential.Bearer("a-token")) }))
            .Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("WriteInterval")]
    [InlineData("FindDelays")]
    [InlineData("Concurrency")]
    [InlineData("Headers")]
    public void A_setting_out_of_its_range_is_refused(string setting)
    {
        var act = () => Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)), options => setting switch
        {
            "WriteInterval" => options with { WriteInterval = TimeSpan.FromTicks(-1) },
            "Concurrency" => options with { Concurrency = 0 },
            "FindDelays" => options with { FindDelays = [TimeSpan.FromTicks(-1)] },
            _ => options with { Headers = null! },
        });

        act.Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task A_header_of_the_service_does_not_replace_one_of_the_request()
    {
        List<HttpRequestMessage> requests = [];
        using var backend = Calls.Backend(
            new ScriptedHandler(request =>
            {
                requests.Add(request);
                return ScriptedHandler.Reply(200);
            }),
            static options => options with { Headers = OfTheService });
        using HttpRequestMessage own = new(HttpMethod.Get, "x") { Headers = { Accept = { new("text/plain") } } };

        await backend.SendAsync(own);

        requests.Single().Headers.Accept.ToString().Should().Be("text/plain");
        requests.Single().Headers.UserAgent.ToString().Should().Be("test");
    }

    [Fact]
    public void The_ten_thousand_builds_that_were_added_last_are_remembered()
    {
        RecentBuilds<int, string> builds = new();
        for (var build = 0; build <= 10_000; build++)
        {
            builds.GetOrAdd(build, "first").Should().Be("first");
            builds.GetOrAdd(build, "second").Should().Be("first");
        }

        builds.Find(0).Should().BeNull();
        builds.Find(1).Should().Be("first");
        builds.Find(10_000).Should().Be("first");
    }

    [Theory]
    [InlineData(HttpOperations.Create)]
    [InlineData("Check")]
    [InlineData("")]
    public async Task A_read_is_for_nothing_but_a_poll_or_a_check(string operation)
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(200, "{\"state\":\"x\"}"));
        using var backend = Calls.Backend(handler);

        await FluentActions.Awaiting(() => backend.ReadAsync("builds/7", RowJson.Default.Row, Calls.Build, operation)).Should()
            .ThrowAsync<ArgumentException>();
        handler.Requests.Should().BeEmpty();
    }

    [Fact]
    public void A_request_is_its_wire_form_and_no_longer_than_60_000_characters()
    {
        var longest = 60_000 - RequestDocument.Of(new BuildRequest().With("x")).Length + 1;

        RequestDocument.Of(new BuildRequest().With(new string('x', longest))).Should().HaveLength(RequestDocument.MaxLength);
        FluentActions.Invoking(() => RequestDocument.Of(new BuildRequest().With(new string('x', longest + 1)))).Should()
            .ThrowExactly<BuildRunnerException>().Which.IsTransient.Should().BeFalse();
    }
}

file static class Requests
{
    public static BuildRequest With(this BuildRequest request, string change) => request with { Head = [new Change($"test:{change}")] };
}
