using System.Text.Json;

namespace BuildRunner.GitLab.Tests;

/// <summary>One create, and what its answer proves.</summary>
public sealed class TriggerTests
{
    public static TheoryData<int, string, bool> Refusals => new()
    {
        { 400, """{"message":{"base":["Reference not found"]}}""", true },
        { 400, """{"message":"Reference not found"}""", true },
        { 400, """{"message":{"base":["Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline."]}}""", true },
        { 400, """{"message":{"base":["Insufficient permissions to set pipeline variables"]}}""", true },
        { 400, """{"message":{"base":["jobs:build config should implement the script:, run:, or trigger: keyword"]}}""", true },
        { 400, """{"error":"variables is invalid"}""", false },
        { 400, """{"message":"variables needs to be a map of key-valued strings"}""", false },
        { 405, """{"error":"405 Not Allowed"}""", false },
        { 406, """{"error":"406 Not Acceptable"}""", false },
        { 409, """{"message":"409 Conflict"}""", false },
        { 410, """{"message":"410 Gone"}""", false },
        { 413, """{"message":"413 Request Entity Too Large"}""", false },
        { 414, """{"message":"414 URI Too Long"}""", false },
        { 415, """{"error":"The provided content-type is not supported."}""", false },
        { 422, """{"message":"422 Unprocessable Entity"}""", false },
        { 401, """{"message":"401 Unauthorized"}""", true },
        { 403, """{"message":"403 Forbidden"}""", true },
        { 404, """{"message":"404 Project Not Found"}""", true },
    };

    [Fact]
    public async Task What_is_sent_is_the_request_its_checksum_and_the_name_made_of_its_key()
    {
        await using GitLabSetup setup = new();
        var request = Hostile();

        await setup.Runner.TriggerAsync(request);

        var create = setup.GitLab.Requests.Single(FakeGitLab.IsCreate);
        create.Path.Should().Be("/api/v4/projects/acme%2Fshop/pipeline");
        create.Header("Authorization").Should().Be($"Bearer {GitLabSetup.Token}");
        create.Header("User-Agent").Should().NotBeNullOrEmpty();
        create.Parameters.Select(static member => member.Key).Should().BeEquivalentTo("ref", "variables");
        var pipeline = setup.GitLab.Pipelines.Should().ContainSingle().Subject;
        (pipeline.Reference, pipeline.Source).Should().Be(("main", "api"));
        ShouldCarry(pipeline, request);
    }

    [Fact]
    public async Task With_a_trigger_token_the_same_is_sent_as_a_form_with_the_token_in_its_body_alone()
    {
        await using GitLabSetup setup = new(static options => options.TriggerToken = static _ => new(GitLabSetup.TriggerToken));
        var request = Hostile();

        var buildId = await setup.Runner.TriggerAsync(request);

        var create = setup.GitLab.Requests.Single(FakeGitLab.IsCreate);
        create.Path.Should().Be("/api/v4/projects/acme%2Fshop/trigger/pipeline");
        create.Address.Query.Should().BeEmpty();
        create.Headers.Keys.Should().NotContain(["Authorization", "PRIVATE-TOKEN", "X-Gitlab-Event"]);
        var pipeline = setup.GitLab.Pipelines.Should().ContainSingle().Subject;
        pipeline.Source.Should().Be("trigger");
        ShouldCarry(pipeline, request);
        (await setup.CreateRunner().FindAsync("shop:12")).Should().Be(buildId);
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
    }

    [Fact]
    public async Task A_single_commit_of_git_is_a_document_too()
    {
        await using GitLabSetup setup = new();
        BuildRequest request = new()
        {
            Head = [new Change("git://gitlab.com/acme/shop/refs%2Fheads%2Ftopic/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
        };

        await setup.Runner.TriggerAsync(request);

        var pipeline = setup.GitLab.Pipelines.Should().ContainSingle().Subject;
        pipeline.Reference.Should().Be("main");
        pipeline.Request.Should().Be(request);
    }

    [Theory]
    [InlineData('x', 60_000)]
    [InlineData('$', 10_000)]
    [InlineData('%', 10_000)]
    public async Task A_request_that_is_too_long_as_it_is_sent_is_refused_unsent(char character, int length)
    {
        await using GitLabSetup setup = new();

        var act = () => setup.Runner.TriggerAsync(new BuildRequest { Head = [new Change($"test:{new string(character, length)}")] });

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        setup.GitLab.Requests.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_creates_nothing_and_is_the_setup_s_or_the_request_s(int status, string body, bool isSetup)
    {
        await using GitLabSetup setup = new();
        setup.GitLab.Fail(FakeGitLab.IsCreate, new FakeReply(status, body), stays: true);

        var act = () => setup.Runner.TriggerAsync(GitLabSetup.Request());

        var thrown = (await act.Should().ThrowAsync<BuildRunnerException>()).Which;
        (thrown is BuildRunnerConfigurationException, thrown.IsTransient).Should().Be((isSetup, false));
        thrown.Should().NotBeOfType<TriggerOutcomeUnknownException>();
        setup.GitLab.Creates.Should().Be(status == 401 ? 2 : 1, "a 401 proves that nothing was created");
    }

    [Fact]
    public async Task The_refusals_of_the_server_itself_are_those()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.RefusesVariables = true;
        var act = () => setup.Runner.TriggerAsync(GitLabSetup.Request());

        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.GitLab.Branches.Clear();
        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.GitLab.IsHidden = true;
        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.GitLab.Pipelines.Should().BeEmpty();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(504, true)]
    [InlineData(520, true)]
    [InlineData(522, true)]
    [InlineData(527, true)]
    [InlineData(404, true)]
    [InlineData(400, true)]
    [InlineData(425, true)]
    [InlineData(201, true)]
    [InlineData(302, true)]
    [InlineData(408, true)]
    [InlineData(503, false)]
    [InlineData(500, false)]
    [InlineData(0, false)]
    public async Task A_lost_answer_sends_no_second_create_and_finds_the_pipeline_if_there_is_one(int status, bool acts)
    {
        await using GitLabSetup setup = new();
        setup.GitLab.AddPipeline("br-00000000000000000000000000000000");
        setup.GitLab.ListLag = TimeSpan.FromSeconds(5);
        setup.GitLab.Fail(FakeGitLab.IsCreate, status == 0 ? FakeReply.Lost : FakeReply.Html(status), acts);

        var act = () => setup.Runner.TriggerAsync(GitLabSetup.Request());

        if (acts)
        {
            setup.GitLab.PipelineOf(await act()).Should().BeSameAs(setup.GitLab.Pipelines[^1]);
        }
        else
        {
            (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.IsTransient.Should().BeFalse();
        }

        setup.GitLab.Creates.Should().Be(1);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(425)]
    public async Task A_500_of_GitLab_itself_proves_nothing_either(int status)
    {
        await using GitLabSetup setup = new();
        setup.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Json(status, GitLabAnswers.Message($"{status} Error")), acts: true);

        var buildId = await setup.Runner.TriggerAsync(GitLabSetup.Request());

        setup.GitLab.PipelineOf(buildId).Should().BeSameAs(setup.GitLab.Pipelines.Single());
    }

    private static BuildRequest Hostile() => new()
    {
        Base = [new Change("git://git.example.org/shop/refs%2Fheads%2F%C3%A4/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
        Head = [new Change("gitlab://gitlab.com/acme/shop/merge_requests/12/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
        Metadata = [new("queue", "$(rm -rf /) `x` $CI_JOB_TOKEN ${CI_JOB_TOKEN} %PATH% $$ & = + ä")],
        TriggerKey = "shop:12",
    };

    private static void ShouldCarry(FakePipeline pipeline, BuildRequest request)
    {
        var sent = pipeline.Variables["BUILD_REQUEST"];
        sent.Should().NotContainAny("$", "%").And.NotMatchRegex("[^ -~]");
        JsonSerializer.Deserialize<BuildRequest>(sent).Should().Be(request);
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(sent));
        pipeline.Variables["BUILD_REQUEST_SHA256"].Should().Be(Convert.ToHexStringLower(hash));
        pipeline.Variables["BUILD_KEY"].Should().MatchRegex("^br-[0-9a-f]{32}$");
        pipeline.Variables.Should().HaveCount(3);
    }
}
