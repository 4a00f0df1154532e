namespace BuildRunner.Http.Tests;

/// <summary>H7, and the clauses of a cancel.</summary>
public sealed class ReadAndCancelTests
{
    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(522)]
    public async Task A_read_is_repeated_on_an_error_that_may_pass(int status)
    {
        var answers = 0;
        ScriptedHandler handler = new(_ => ScriptedHandler.Reply(++answers < 3 ? status : 200, "{\"state\":\"done\"}"));
        using var backend = Calls.Backend(handler);

        var row = await backend.ReadAsync(TestContext.Current.CancellationToken);

        row!.State.Should().Be("done");
        handler.Requests.Should().HaveCount(3);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(410)]
    [InlineData(422)]
    public async Task A_read_is_not_repeated_on_an_error_that_stays(int status)
    {
        ScriptedHandler handler = new(_ => ScriptedHandler.Reply(status));
        using var backend = Calls.Backend(handler);

        var act = () => backend.ReadAsync();

        (await act.Should().ThrowAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        handler.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_read_gives_up_in_the_end()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(503));
        using var backend = Calls.Backend(handler);

        var act = () => backend.ReadAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        handler.Requests.Should().HaveCount(4);
    }

    [Fact]
    public async Task What_the_service_itself_does_not_find_is_null()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(404, "{\"error\":\"not found\"}")));

        (await backend.ReadAsync()).Should().BeNull();
    }

    [Fact]
    public async Task A_build_that_has_ended_is_not_cancelled()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(200));
        using var backend = Calls.Backend(handler);

        await backend.CancelAsync(hasEnded: static () => true);

        handler.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(500)]
    public async Task A_refusal_is_no_error_where_the_build_has_ended_meanwhile(int status)
    {
        var looks = 0;
        ScriptedHandler handler = new(_ => ScriptedHandler.Reply(status));
        using var backend = Calls.Backend(handler);

        await backend.CancelAsync(() => ++looks > 1);

        handler.Requests.Should().ContainSingle();
        looks.Should().Be(2);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(500)]
    public async Task A_refusal_is_transient_where_the_build_goes_on(int status)
    {
        using var backend = Calls.Backend(new ScriptedHandler(_ => ScriptedHandler.Reply(status)));

        var act = () => backend.CancelAsync(static () => false);

        (await act.Should().ThrowAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_cancel_without_a_permission_is_a_faulty_setup()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(403)));

        var act = () => backend.CancelAsync(static () => false);

        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }
}
