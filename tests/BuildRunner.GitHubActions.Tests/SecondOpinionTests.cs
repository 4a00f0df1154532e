namespace BuildRunner.GitHubActions.Tests;

/// <summary>
/// The same by code that is not ours: Prism on GitHub's OpenAPI specification, and the reference implementation of GraphQL on its schema.
/// </summary>
[Slow]
public sealed class SecondOpinionTests(NodeCheckerFixture fixture) : IClassFixture<NodeCheckerFixture>
{
    [Theory]
    [InlineData("GitHub")]
    [InlineData("Ghes319")]
    [InlineData("Ghes321")]
    [InlineData("V2026")]
    public async Task Prism_has_nothing_against_any_kind_of_call_nor_GraphQL_against_any_query(string mode)
    {
        await using var setup = Tour.Setup(Enum.Parse<FakeMode>(mode), await fixture.GetAsync());

        await Tour.TakeAsync(setup);

        setup.Spec.Operations.Keys.Should().BeEquivalentTo(Tour.Operations);
    }

    [Theory]
    [InlineData("exclude_pull_requests=true", "exclude_pull_requests=perhaps", "request: ", "request actions/get-workflow-run-attempt: ")]
    [InlineData("checkSuite{", "checkSuites{", "query: ")]
    [InlineData("... on WorkflowRun{", "... on Run{", "query: ")]
    [InlineData("$ids:[ID!]!", "$ids:[Int!]!", "query: ")]
    public async Task A_request_that_is_wrong_is_found(string right, string wrong, params string[] findings)
    {
        await using GitHubSetup setup = new(checker: await fixture.GetAsync()) { Deviations = findings };
        var runner = setup.CreateRunner(
            options => options.CreateHandler = () => new SpoilingHandler(right, wrong) { InnerHandler = setup.Spec });

        await PollAsync(runner, setup);

        setup.Spec.Violations.Should().Contain(finding => finding.StartsWith(findings[0]));
    }

    [Theory]
    [InlineData("\"run_attempt\":1", "\"run_attempt\":\"1\"", "answer: ", "answer 200 of actions/get-workflow-run-attempt: ")]
    [InlineData("\"status\":\"IN_PROGRESS\"", "\"status\":\"GOING\"", "answer: ")]
    [InlineData("\"checkSuite\":", "\"suite\":", "answer: ")]
    public async Task An_answer_that_is_wrong_is_found(string right, string wrong, params string[] findings)
    {
        await using GitHubSetup setup = new(checker: await fixture.GetAsync()) { Deviations = findings };
        setup.GitHub.Answer(static _ => true, (_, own) => own with { Body = own.Body.Replace(right, wrong) }, stays: true);

        await PollAsync(setup.Runner, setup);

        setup.Spec.Violations.Should().Contain(finding => finding.StartsWith(findings[0]));
    }

    // By the run alone, and then by GraphQL.
    private static async Task PollAsync(GitHubActionsBuildRunner runner, GitHubSetup setup)
    {
        var buildId = await runner.TriggerAsync(GitHubSetup.Request());
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        await runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        await runner.StatusAsync(buildId);
    }
}
