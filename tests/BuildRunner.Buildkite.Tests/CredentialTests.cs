namespace BuildRunner.Buildkite.Tests;

/// <summary>Tokens, which are asked for at each call.</summary>
public sealed class CredentialTests
{
    [Fact]
    public async Task A_token_is_asked_for_at_each_call()
    {
        var token = BuildkiteSetup.Token;
        await using BuildkiteSetup setup = new(options => options.Token = _ => new(token));
        await setup.TriggerAsync();
        setup.Buildkite.Tokens.Clear();
        setup.Buildkite.Tokens["bkua_rotated"] = BuildkiteSetup.Scopes;
        token = "bkua_rotated";

        await setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        setup.Buildkite.Creates.Should().Be(2);
    }

    [Fact]
    public async Task A_token_that_is_replaced_while_it_is_sent_costs_one_more_request_also_for_a_create()
    {
        var token = BuildkiteSetup.Token;
        await using BuildkiteSetup setup = new(options => options.Token = _ => new(token));
        await setup.TriggerAsync();
        setup.Buildkite.Answer(FakeBuildkite.IsCreate, (_, _) =>
        {
            setup.Buildkite.Tokens["bkua_rotated"] = BuildkiteSetup.Scopes;
            setup.Buildkite.Tokens.TryRemove(token, out _);
            token = "bkua_rotated";
            return FakeReply.Json(401, BuildkiteAnswers.Error("Authentication required."));
        }, acts: false);

        await setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        setup.Buildkite.Creates.Should().Be(3);
        setup.Buildkite.Builds.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_the_setup_of_every_call_until_it_is_mended()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Buildkite.Tokens.Clear();

        foreach (Func<Task> call in new Func<Task>[]
        {
            () => setup.Runner.TriggerAsync(BuildkiteSetup.Request()),
            () => setup.Reader.StatusAsync(buildId, TimeSpan.Zero),
            () => setup.Runner.CancelAsync(buildId),
            () => setup.Runner.FindAsync("key"),
            () => setup.Runner.OpenLogAsync(buildId),
        })
        {
            await call.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        }

        setup.Buildkite.Tokens[BuildkiteSetup.Token] = BuildkiteSetup.Scopes;
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task No_secret_of_an_answer_is_in_an_exception()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Fail(
            FakeBuildkite.IsCreate, FakeReply.Json(422, BuildkiteAnswers.Error($"You sent {BuildkiteSetup.Token}, and that is wrong.")));

        var act = () => setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        (await act.Should().ThrowAsync<BuildRunnerException>())
            .Which.ToString().Should().NotContain(BuildkiteSetup.Token);
    }
}
