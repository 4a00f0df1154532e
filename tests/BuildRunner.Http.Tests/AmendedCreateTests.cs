namespace BuildRunner.Http.Tests;

/// <summary>H1: a create is sent once more after a refusal that a runner has another request for, and after nothing else.</summary>
public sealed class AmendedCreateTests
{
    [Fact]
    public async Task A_refusal_is_answered_with_another_request()
    {
        ScriptedHandler handler = new(static request => ScriptedHandler.Reply(request.RequestUri!.Query == "?plain" ? 201 : 422));
        using var backend = Calls.Backend(handler);

        var buildId = await CreateAsync(backend, static _ => Calls.Post("builds?plain"));

        buildId.Should().Be(Calls.Build);
        handler.Requests.Should().Equal("POST /api/builds", "POST /api/builds?plain");
    }

    [Theory]
    [InlineData(201, "{}", 1)]
    [InlineData(202, "no id", 1)]
    [InlineData(429, "{}", 1)]
    [InlineData(500, "{}", 1)]
    [InlineData(503, "{}", 1)]
    [InlineData(400, "{}", 4)]
    [InlineData(404, "{}", 4)]
    public async Task Only_what_proves_that_nothing_was_created_is_amended_and_three_times_at_most(int status, string body, int sent)
    {
        ScriptedHandler handler = new(_ => ScriptedHandler.Reply(status, body));
        using var backend = Calls.Backend(handler);

        try
        {
            await CreateAsync(backend, static _ => Calls.Post("builds"));
        }
        catch (BuildRunnerException)
        {
        }

        handler.Requests.Should().HaveCount(sent);
    }

    [Fact]
    public async Task A_page_of_a_proxy_is_not_amended()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(422, "<html>", "text/html"));
        using var backend = Calls.Backend(handler);

        await FluentActions.Awaiting(() => CreateAsync(backend, static _ => Calls.Post("builds"))).Should()
            .ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        handler.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_refusal_without_another_request_stays_one()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(422));
        using var backend = Calls.Backend(handler);

        await FluentActions.Awaiting(() => CreateAsync(backend, static _ => null)).Should().ThrowExactlyAsync<BuildRunnerException>();
        handler.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Who_fails_to_amend_a_refusal_has_no_other_request()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(422));
        using var backend = Calls.Backend(handler);

        await FluentActions.Awaiting(() => CreateAsync(backend, static _ => throw new FormatException())).Should()
            .ThrowExactlyAsync<BuildRunnerException>();
        handler.Requests.Should().ContainSingle();
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    public async Task A_look_that_fails_for_now_has_found_nothing(bool isTransient, int expectedLooks)
    {
        var looks = 0;
        using var backend = Calls.Backend(
            new ScriptedHandler(static _ => ScriptedHandler.Reply(502)),
            static options => options with { FindDelays = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)] });

        var act = () => backend.CreateAsync(_ => ++looks < 3 ? throw new BuildRunnerException("Away.") { IsTransient = isTransient } : Task.FromResult<BuildId?>(Calls.Build));

        if (isTransient)
        {
            (await act()).Should().Be(Calls.Build);
        }
        else
        {
            (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.Message.Should().Contain("Away.");
        }

        looks.Should().Be(expectedLooks);
    }

    [Fact]
    public async Task A_lost_build_is_looked_for_as_often_as_the_options_say()
    {
        var looks = 0;
        using var backend = Calls.Backend(
            new ScriptedHandler(static _ => ScriptedHandler.Reply(502)),
            static options => options with { FindDelays = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)] });

        var found = await backend.CreateAsync(_ => Task.FromResult<BuildId?>(++looks == 2 ? Calls.Build : null));
        var looksOfFound = looks;
        await FluentActions.Awaiting(() => backend.CreateAsync(_ => Task.FromResult<BuildId?>(++looks == 0 ? Calls.Build : null))).Should()
            .ThrowExactlyAsync<TriggerOutcomeUnknownException>();

        found.Should().Be(Calls.Build);
        (looksOfFound, looks).Should().Be((2, 2 + 3));
    }

    private static Task<BuildId> CreateAsync(HttpBackend backend, Func<HttpReply, HttpRequestMessage?> amend) =>
        backend.CreateAsync(Calls.Post("builds"), static reply => reply.Text == "no id" ? null
            : Calls.Build, find: null, amend, TestContext.Current.CancellationToken);
}
