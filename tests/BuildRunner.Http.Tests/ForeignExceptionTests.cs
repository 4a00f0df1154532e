using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner.Http.Tests;

/// <summary>H3: whatever is thrown below a call or by what a runner hands to it, a caller sees the contract's own exceptions.</summary>
public sealed class ForeignExceptionTests
{
    private const string Token = "s3cret-t0ken";

    public static TheoryData<string> Places =>
        ["handler", nameof(HttpBackendOptions.IsOwnAnswer), nameof(HttpBackendOptions.IsCredentialRefused), nameof(HttpBackendOptions.ReadQuota)];

    [Theory]
    [MemberData(nameof(Places))]
    [InlineData(nameof(HttpBackendOptions.JudgeCreate))]
    public async Task What_is_thrown_after_a_create_was_sent_leaves_its_outcome_unknown(string place)
    {
        using var backend = Backend(place);

        var act = () => backend.CreateAsync();

        (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.ToString().Should().NotContain(Token);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task What_is_thrown_below_a_read_or_a_cancel_is_a_failed_call(string place)
    {
        using var backend = Backend(place);

        var read = () => backend.ReadAsync();
        var cancel = () => backend.CancelAsync(static () => false);

        (await read.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        (await cancel.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_body_that_is_not_what_its_encoding_says_leaves_the_outcome_unknown()
    {
        await using RawServer server = new(static _ => new RawReply(200, "no gzip at all", Headers: "Content-Encoding: gzip\r\n"));
        using var backend = Calls.Backend(server.Address);

        var create = () => backend.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);
        var read = () => backend.ReadAsync(TestContext.Current.CancellationToken);

        await create.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        (await read.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task An_id_that_cannot_be_taken_out_of_an_answer_is_looked_up()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)));

        var found = await backend.CreateAsync(
            Calls.Post("builds"),
            static _ => throw new FormatException("no number"),
            static _ => Task.FromResult<BuildId?>(Calls.Build),
            cancellationToken: TestContext.Current.CancellationToken);
        var lost = () => backend.CreateAsync(Calls.Post("builds"), static _ => throw new FormatException("no number"));

        found.Should().Be(Calls.Build);
        await lost.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
    }

    [Fact]
    public async Task A_look_up_that_throws_something_else_leaves_the_outcome_unknown()
    {
        using var backend = Calls.Backend(
            new ScriptedHandler(static _ => ScriptedHandler.Reply(502)), static options => options with { Credentials = static (_, _) => new(HttpCredential.Bearer(Token)) });

        var act = () => backend.CreateAsync(static _ => throw new InvalidOperationException($"no {Token}"));
        var timedOut = () => backend.CreateAsync(static _ => throw new OperationCanceledException());

        (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.ToString().Should().NotContain(Token);
        await timedOut.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
    }

    [Fact]
    public async Task A_caller_who_leaves_during_a_look_up_is_told_that_he_did()
    {
        using CancellationTokenSource caller = new();
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(502)));

        var act = () => backend.CreateAsync(
            async token =>
            {
                await caller.CancelAsync();
                token.ThrowIfCancellationRequested();
                return null;
            },
            caller.Token);

        await act.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_look_before_a_cancel_that_throws_is_a_failed_call()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)));

        var before = () => backend.CancelAsync(static () => throw new FormatException("no state"));
        var accepted = () => backend.CancelAsync(Calls.Post("stop"), Calls.Build, static _ => Task.FromResult(false), static _ => throw new FormatException("no word"));

        (await before.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.BuildId.Should().Be(Calls.Build);
        (await accepted.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_type_that_refuses_what_was_read_is_a_body_that_cannot_be_read()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200, "{\"state\":\"x\"}")));
        var picky = JsonTypeInfo.CreateJsonTypeInfo<Row>(JsonSerializerOptions.Default);
        picky.CreateObject = static () => throw new ArgumentException("not this one");
        using HttpRequestMessage request = new(HttpMethod.Get, "builds/7");

        var act = () => backend.ReadAsync(request, picky, cancellationToken: TestContext.Current.CancellationToken);

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    private static HttpBackend Backend(string place)
    {
        static InvalidDataException Failure() => new($"cannot be: {Token}");
        ScriptedHandler handler = new(_ => place == "handler" ? throw Failure() : ScriptedHandler.Reply(400));
        return Calls.Backend(handler, options => (options with { Credentials = static (_, _) => new(HttpCredential.Bearer(Token)) }) switch
        {
            var with when place == nameof(HttpBackendOptions.IsOwnAnswer) => with with { IsOwnAnswer = static _ => throw Failure() },
            var with when place == nameof(HttpBackendOptions.IsCredentialRefused) => with with { IsCredentialRefused = static _ => throw Failure() },
            var with when place == nameof(HttpBackendOptions.ReadQuota) => with with { ReadQuota = static _ => throw Failure() },
            var with when place == nameof(HttpBackendOptions.JudgeCreate) => with with { JudgeCreate = static _ => throw Failure() },
            var with => with,
        });
    }
}
