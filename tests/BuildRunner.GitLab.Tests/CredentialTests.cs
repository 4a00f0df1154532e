namespace BuildRunner.GitLab.Tests;

/// <summary>The access token and the trigger token. Either may be replaced at any time.</summary>
public sealed class CredentialTests
{
    [Fact]
    public async Task The_access_token_is_asked_for_at_each_call()
    {
        var token = GitLabSetup.Token;
        await using GitLabSetup setup = new(options => options.Token = _ => new(token));
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitLab.Tokens.Clear();
        setup.GitLab.Tokens["glpat-rotated"] = DateTimeOffset.MaxValue;
        token = "glpat-rotated";

        await setup.Runner.StatusAsync(buildId);
        await setup.Runner.TriggerAsync(GitLabSetup.Request());

        setup.GitLab.Creates.Should().Be(2);
    }

    [Fact]
    public async Task An_access_token_that_is_replaced_during_a_create_is_asked_for_once_more()
    {
        GitLabSetup? own = null;
        var asked = 0;
        await using var setup = own = new GitLabSetup(options => options.Token = _ => new(++asked == 1 ? "glpat-old" : GitLabSetup.Token));

        await own.Runner.TriggerAsync(GitLabSetup.Request());

        setup.GitLab.Creates.Should().Be(2, "a 401 proves that nothing was created");
        setup.GitLab.Pipelines.Should().ContainSingle();
    }

    [Fact]
    public async Task A_trigger_token_is_replaced_by_itself_and_its_404_sends_a_create_once_more()
    {
        var tokens = new Queue<string>(["glptt-old", GitLabSetup.TriggerToken]);
        await using GitLabSetup setup = new(options => options.TriggerToken = _ => new(tokens.Dequeue()));

        var buildId = await setup.Runner.TriggerAsync(GitLabSetup.Request());

        setup.GitLab.Creates.Should().Be(2);
        setup.GitLab.PipelineOf(buildId).Should().BeSameAs(setup.GitLab.Pipelines.Single());
    }

    [Fact]
    public async Task Each_token_that_is_refused_is_the_setup_and_the_other_one_is_not_asked_instead()
    {
        string? trigger = null;
        var access = GitLabSetup.Token;
        await using GitLabSetup setup = new(options =>
            (options.TriggerToken, options.Token) = (_ => new(trigger ?? GitLabSetup.Token), _ => new(access)));
        var create = () => setup.Runner.TriggerAsync(GitLabSetup.Request());

        await create.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>("a trigger token is no access token");
        trigger = GitLabSetup.TriggerToken;
        var buildId = await create();
        access = "glpat-revoked";
        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
        await create.Should().NotThrowAsync("creates need no access token");
        access = GitLabSetup.Token;
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
    }

    [Fact]
    public async Task A_trigger_token_that_cannot_be_had_creates_nothing_and_its_failure_is_transient()
    {
        await using GitLabSetup setup = new(static options => options.TriggerToken =
            static _ => throw new InvalidOperationException("the vault is sealed"));

        var act = () => setup.Runner.TriggerAsync(GitLabSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        setup.GitLab.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(GitLabSetup.Token)]
    [InlineData(GitLabSetup.TriggerToken)]
    public async Task No_secret_that_an_answer_repeats_is_in_an_exception(string secret)
    {
        await using GitLabSetup setup = new(options =>
            options.TriggerToken = secret == GitLabSetup.TriggerToken ? static _ => new(GitLabSetup.TriggerToken) : null);
        setup.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Json(422, GitLabAnswers.Message($"You sent {secret}, and that is wrong.")));

        var act = () => setup.Runner.TriggerAsync(GitLabSetup.Request());

        (await act.Should().ThrowAsync<BuildRunnerException>()).Which.ToString().Should().NotContain(secret).And.Contain("You sent");
    }
}
