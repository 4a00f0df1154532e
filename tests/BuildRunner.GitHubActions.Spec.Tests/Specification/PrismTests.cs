namespace BuildRunner.GitHubActions.Spec.Tests.Specification;

/// <summary>Prism finds what the checker of this project finds, so that the checker is not our misreading.</summary>
[Slow]
public sealed class PrismTests(NodeCheckerFixture fixture) : IClassFixture<NodeCheckerFixture>
{
    // Where the examples of GitHub's document are not what its schemas say.
    private static readonly string[] Contradictory =
    [
        "meta/get",
        "repos/get",
        "actions/list-jobs-for-workflow-run-attempt",
        "actions/list-jobs-for-workflow-run",
        "actions/get-job-for-workflow-run",
    ];

    public static TheoryData<string, string> All => Samples.All;

    public static TheoryData<string> WrongRequests => Wrong.Requests;

    public static TheoryData<string> WrongReplies => Wrong.Replies;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(All))]
    public async Task It_has_nothing_against_what_GitHub_shows_but_for_GitHub_s_own_mistakes(string operation, string line)
    {
        var checker = await fixture.GetAsync();
        var request = Samples.Request(line, Samples.BodyOf(operation));

        var violations = await checker.CheckAsync(GitHubSpec.GitHubCom, request, Samples.ReplyOf(operation), Token);

        violations.Any().Should().Be(Contradictory.Contains(operation), string.Join("; ", violations));
    }

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task It_finds_a_wrong_request(string kind)
    {
        var checker = await fixture.GetAsync();
        var request = Wrong.Request(kind);

        var violations = await checker.CheckAsync(GitHubSpec.GitHubCom, request, Samples.Reply(404, """{"message":"Not Found"}"""), Token);

        violations.Should().NotBeEmpty().And.OnlyContain(static violation => violation.StartsWith("request"));
    }

    [Theory]
    [MemberData(nameof(WrongReplies))]
    public async Task It_finds_a_wrong_answer(string kind)
    {
        var checker = await fixture.GetAsync();
        var (request, reply) = Wrong.Reply(kind);

        var violations = await checker.CheckAsync(GitHubSpec.GitHubCom, request, reply, Token);

        violations.Should().NotBeEmpty().And.OnlyContain(static violation => violation.StartsWith("answer"));
    }

    [Fact]
    public async Task It_knows_the_other_documents()
    {
        var checker = await fixture.GetAsync();
        var asking = Samples.Request("POST /api/v3" + Samples.Dispatch["POST ".Length..], """{"ref":"main","return_run_details":true}""");
        var reply = Samples.Reply(204, "");

        (await checker.CheckAsync(GitHubSpec.EnterpriseServer319, asking, reply, Token)).Should().ContainSingle();
        (await checker.CheckAsync(GitHubSpec.GitHubCom2026, asking, reply, Token)).Should().HaveCount(2);
        (await checker.CheckAsync(GitHubSpec.EnterpriseCloud, asking, reply, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task Questions_at_once_are_answered_each()
    {
        var checker = await fixture.GetAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => checker.CheckAsync(
            GitHubSpec.GitHubCom, Samples.Request(number % 2 == 0 ? "GET /meta" : "GET /metas"), Samples.Reply(304, ""), Token)));

        answers.Select(static answer => answer.Count).Should().Equal(Enumerable.Range(0, 20).Select(static number => number % 2));
    }
}
