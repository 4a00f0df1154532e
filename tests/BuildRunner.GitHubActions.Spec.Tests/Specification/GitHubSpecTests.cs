namespace BuildRunner.GitHubActions.Spec.Tests.Specification;

public sealed class GitHubSpecTests
{
    // Where the examples of GitHub's document are not what its schemas say.
    private static readonly Dictionary<string, string[]> Mistakes = new()
    {
        ["meta/get"] = ["ssh_key_fingerprints"],
        ["apps/create-installation-access-token"] = ["template_repository", "subscribers_count", "network_count"],
        ["repos/get"] = ["\"language\"", "subscribers_count", "network_count", "security_and_analysis"],
        ["actions/list-jobs-for-workflow-run-attempt"] = ["created_at"],
        ["actions/list-jobs-for-workflow-run"] = ["created_at"],
        ["actions/get-job-for-workflow-run"] = ["created_at"],
    };

    public static TheoryData<string, string> All => Samples.All;

    public static TheoryData<string> WrongRequests => Wrong.Requests;

    public static TheoryData<string> WrongReplies => Wrong.Replies;

    [Theory]
    [MemberData(nameof(All))]
    public void What_GitHub_shows_is_right_but_for_its_own_mistakes(string operation, string line)
    {
        var request = Samples.Request(line, Samples.BodyOf(operation));
        var mistakes = Mistakes.GetValueOrDefault(operation, []);

        GitHubSpec.GitHubCom.OperationOf(request).Should().Be(operation);
        GitHubSpec.GitHubCom.CheckRequest(request).Should().BeEmpty();
        var violations = GitHubSpec.GitHubCom.CheckReply(request, Samples.ReplyOf(operation));
        violations.Where(violation => !mistakes.Any(violation.Contains)).Should().BeEmpty();
        mistakes.Where(mistake => !violations.Any(violation => violation.Contains(mistake))).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public void A_wrong_request_is_found(string kind) => GitHubSpec.GitHubCom.CheckRequest(Wrong.Request(kind)).Should().NotBeEmpty();

    [Theory]
    [MemberData(nameof(WrongReplies))]
    public void A_wrong_answer_is_found(string kind)
    {
        var (request, reply) = Wrong.Reply(kind);

        GitHubSpec.GitHubCom.CheckRequest(request).Should().BeEmpty();
        GitHubSpec.GitHubCom.CheckReply(request, reply).Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("GET /repos/acme/shop/actions/runs?perpage=100")]
    [InlineData("GET /repos/acme/shop/actions/runs?page=1&page=2")]
    public void A_parameter_that_there_is_not_or_twice_is_found(string line) =>
        GitHubSpec.GitHubCom.CheckRequest(Samples.Request(line)).Should().ContainSingle();

    [Theory]
    [InlineData("""{"ref":"main","ref":"other"}""")]
    [InlineData("{")]
    public void A_body_that_readers_differ_about_is_found(string body) =>
        GitHubSpec.GitHubCom.CheckRequest(Samples.Request(Samples.Dispatch, body)).Should().ContainSingle();

    [Fact]
    public void A_body_of_another_type_is_found() => GitHubSpec.GitHubCom
        .CheckRequest(Samples.Request(Samples.Dispatch, """{"ref":"main"}""", ("Content-Type", "text/plain"))).Should().ContainSingle();

    [Fact]
    public void A_body_where_there_is_none_is_found() =>
        GitHubSpec.GitHubCom.CheckRequest(Samples.Request(Samples.Cancel, "{}")).Should().ContainSingle();

    [Theory]
    [InlineData("User-Agent", "")]
    [InlineData("Accept", "text/html")]
    [InlineData("X-GitHub-Api-Version", "2026-03-10")]
    [InlineData("X-GitHub-Api-Version", "2022-11-29")]
    public void A_wrong_header_is_found(string name, string value) =>
        GitHubSpec.GitHubCom.CheckRequest(Samples.Request("GET /meta", "", (name, value))).Should().ContainSingle();

    [Fact]
    public void A_misspelt_member_of_an_answer_is_found() => GitHubSpec.GitHubCom
        .CheckReply(Samples.Request(Samples.GetRun), Samples.Reply(200, Wrong.RunWith("run_atempt", 1)))
        .Should().Contain(static violation => violation.Contains("run_atempt"));

    [Fact]
    public void A_redirect_without_an_address_is_found() =>
        GitHubSpec.GitHubCom.CheckReply(Samples.Request(Samples.JobLogs), Samples.Reply(302, "")).Should().ContainSingle();

    [Fact]
    public void An_empty_answer_with_a_body_is_found() => GitHubSpec.GitHubCom
        .CheckReply(Samples.Request(Samples.Dispatch, """{"ref":"main"}"""), Samples.Reply(204, "{}")).Should().ContainSingle();

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(422)]
    [InlineData(429)]
    public void Any_operation_may_answer_with_an_error_that_has_a_message(int status)
    {
        const string Error = """{"message":"No","documentation_url":"https://docs.github.com","status":"422"}""";
        var request = Samples.Request(Samples.GetRun);

        GitHubSpec.GitHubCom.CheckReply(request, Samples.Reply(status, Error)).Should().BeEmpty();
        GitHubSpec.GitHubCom.CheckReply(request, Samples.Reply(status, """{"msg":"No"}""")).Should().NotBeEmpty();
    }

    [Fact]
    public void An_error_that_is_of_another_operation_is_found()
    {
        const string Message = """{"message":"Cannot cancel a workflow run that is completed."}""";

        GitHubSpec.GitHubCom.CheckReply(Samples.Request(Samples.Cancel), Samples.Reply(409, Message)).Should().BeEmpty();
        GitHubSpec.GitHubCom.CheckReply(Samples.Request(Samples.GetRun), Samples.Reply(409, Message)).Should().ContainSingle();
    }

    [Theory]
    [InlineData(502)]
    [InlineData(404)]
    public void The_page_of_a_proxy_is_held_against_nothing(int status) => GitHubSpec.GitHubCom
        .CheckReply(Samples.Request(Samples.GetRun), Samples.Reply(status, "<html/>", ("Content-Type", "text/html"))).Should().BeEmpty();

    [Fact]
    public void What_has_not_changed_is_told_to_those_who_have_asked()
    {
        var asking = Samples.Request(Samples.GetRun, "", ("If-None-Match", "\"1\""));

        GitHubSpec.GitHubCom.CheckReply(asking, Samples.Reply(304, "")).Should().BeEmpty();
        GitHubSpec.GitHubCom.CheckReply(Samples.Request(Samples.GetRun), Samples.Reply(304, "")).Should().ContainSingle();
    }

    [Fact]
    public void Another_version_has_other_requests_and_answers()
    {
        static ApiRequest Request(string body) => Samples.Request(Samples.Dispatch, body, ("X-GitHub-Api-Version", "2026-03-10"));
        var asking = Request("""{"ref":"main","return_run_details":true}""");
        var request = Request("""{"ref":"main"}""");

        GitHubSpec.GitHubCom2026.CheckRequest(asking).Should().ContainSingle();
        GitHubSpec.GitHubCom2026.CheckRequest(request).Should().BeEmpty();
        GitHubSpec.GitHubCom2026.CheckReply(request, Samples.ReplyOf("actions/create-workflow-dispatch")).Should().BeEmpty();
        GitHubSpec.GitHubCom2026.CheckReply(request, Samples.Reply(204, "")).Should().ContainSingle();
    }

    [Fact]
    public void A_server_of_one_s_own_has_other_limits()
    {
        static ApiRequest Request(string body) => Samples.Request("POST /api/v3" + Samples.Dispatch["POST ".Length..], body);

        GitHubSpec.EnterpriseServer319.CheckRequest(Request(Wrong.DispatchWith(10))).Should().BeEmpty();
        GitHubSpec.EnterpriseServer319.CheckRequest(Request(Wrong.DispatchWith(11))).Should().ContainSingle();
        GitHubSpec.EnterpriseServer319.CheckRequest(Request("""{"ref":"main","return_run_details":true}""")).Should().ContainSingle();
        GitHubSpec.EnterpriseServer319.CheckReply(Request("""{"ref":"main"}"""), Samples.Reply(204, "")).Should().BeEmpty();
        GitHubSpec.EnterpriseCloud.CheckRequest(Samples.Request(Samples.Dispatch, Wrong.DispatchWith(25))).Should().BeEmpty();
    }
}
