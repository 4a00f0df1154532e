using FluentAssertions.Execution;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>
/// What the runner asks and what the fake answers is what GitHub's official specification says. Every test on <see cref="GitHubSetup"/>
/// fails where it is not; these see to it that no call is left out, and that a mistake is found.
/// </summary>
public sealed class SpecificationTests
{
    [Theory]
    [InlineData("GitHub")]
    [InlineData("Ghes319")]
    [InlineData("Ghes321")]
    [InlineData("V2026")]
    public async Task Every_kind_of_call_goes_by_the_specification(string mode)
    {
        await using var setup = Tour.Setup(Enum.Parse<FakeMode>(mode));

        await Tour.TakeAsync(setup);

        setup.Spec.Operations.Keys.Should().BeEquivalentTo(Tour.Operations);

        // Two of the runners dispatch, and each asks the old server once for what that does not know.
        setup.Spec.Violations.Should().HaveCount(setup.GitHub.Mode == FakeMode.Ghes319 ? 2 : 0);
    }

    [Theory]
    [InlineData("exclude_pull_requests=true", "exclude_pull_requests=perhaps", "actions/get-workflow-run-attempt: query: ")]
    [InlineData("exclude_pull_requests=true", "exclude_pulls=true", "actions/get-workflow-run-attempt: query: ")]
    [InlineData("/attempts/1?", "/attempts/first?", "actions/get-workflow-run-attempt: path: ")]
    [InlineData("/attempts/1?", "/attempt/1?", ": there is no operation ")]
    [InlineData("\"return_run_details\":true", "\"return_run_detail\":true", "actions/create-workflow-dispatch: body: ")]
    [InlineData("/dispatches", "/dispatch", ": there is no operation ")]
    public async Task A_request_that_is_wrong_is_found(string right, string wrong, string finding)
    {
        await using GitHubSetup setup = new() { Deviations = [$"request {finding}"] };
        var runner = setup.CreateRunner(
            options => options.CreateHandler = () => new SpoilingHandler(right, wrong) { InnerHandler = setup.Spec });

        await CallAsync(runner, setup);

        setup.Spec.Violations.Should().NotBeEmpty().And.OnlyContain(violation => violation.StartsWith($"request {finding}"));
    }

    [Theory]
    [InlineData("\"run_number\":", "\"number\":", "actions/get-workflow-run-attempt: ")]
    [InlineData("\"run_attempt\":1", "\"run_attempt\":\"1\"", "actions/get-workflow-run-attempt: /run_attempt ")]
    [InlineData("\"run_url\":", "\"run_address\":", "actions/create-workflow-dispatch: ")]
    public async Task An_answer_that_is_wrong_is_found(string right, string wrong, string finding)
    {
        await using GitHubSetup setup = new() { Deviations = [$"answer 200 of {finding}"] };
        setup.GitHub.Answer(static _ => true, (_, own) => own with { Body = own.Body.Replace(right, wrong) }, stays: true);

        await CallAsync(setup.Runner, setup);

        setup.Spec.Violations.Should().NotBeEmpty().And.OnlyContain(violation => violation.StartsWith("answer 200 of "));
    }

    [Fact]
    public async Task A_test_fails_for_what_is_wrong_unexpectedly_and_for_what_is_right_unexpectedly()
    {
        GitHubSetup wrong = new();
        GitHubSetup right = new() { Deviations = ["request "] };
        wrong.GitHub.Fail(static request => request.Method == "POST", FakeReply.Html(201));

        await CallAsync(wrong.Runner, wrong);
        await CallAsync(right.Runner, right);

        await wrong.Awaiting(static setup => setup.DisposeAsync().AsTask()).Should().ThrowAsync<AssertionFailedException>();
        await right.Awaiting(static setup => setup.DisposeAsync().AsTask()).Should().ThrowAsync<AssertionFailedException>();
    }

    // Whatever comes of it.
    private static async Task CallAsync(GitHubActionsBuildRunner runner, GitHubSetup setup)
    {
        try
        {
            var buildId = await runner.TriggerAsync(GitHubSetup.Request());
            setup.Time.Advance(TimeSpan.FromSeconds(2));
            await runner.StatusAsync(buildId);
        }
        catch (BuildRunnerException)
        {
            // GitHub has refused what was wrong.
        }
    }
}
