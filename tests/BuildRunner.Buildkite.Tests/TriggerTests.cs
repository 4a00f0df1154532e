using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests;

/// <summary>One create, or a second one only after a refusal which proves that nothing was created.</summary>
public sealed class TriggerTests
{
    [Fact]
    public async Task What_is_sent_is_the_request_and_the_word_of_its_key()
    {
        await using BuildkiteSetup setup = new();
        BuildRequest request = new()
        {
            Base = [new Change("git://git.example.org/shop/refs%2Fheads%2Fone/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
            Head = [new Change("github://github.com/acme/shop/pull/12/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
            Metadata = [new("queue", "$(rm -rf /) `x` $SECRET"), new("PATH", "/nowhere")],
            TriggerKey = "shop:12",
        };

        var buildId = await setup.Runner.TriggerAsync(request);

        buildId.Should().Be(new BuildId("verify/1"));
        var create = setup.Buildkite.Requests.Single(FakeBuildkite.IsCreate);
        create.Path.Should().Be("/v2/organizations/acme/pipelines/verify/builds");
        create.Header("Authorization").Should().Be($"Bearer {BuildkiteSetup.Token}");
        create.Header("User-Agent").Should().NotBeNullOrEmpty();
        var body = JsonNode.Parse(create.Body)!.AsObject();
        (body["commit"]!.GetValue<string>(), body["branch"]!.GetValue<string>()).Should().Be(("HEAD", "main"));
        body["ignore_pipeline_branch_filters"]!.GetValue<bool>().Should().BeTrue();
        var (env, metaData) = (body["env"]!.AsObject(), body["meta_data"]!.AsObject());
        env.Select(static variable => variable.Key).Should().BeEquivalentTo("BUILD_REQUEST", "BUILD_KEY");
        JsonSerializer.Deserialize<BuildRequest>(env["BUILD_REQUEST"]!.GetValue<string>()).Should().Be(request);
        env["BUILD_KEY"]!.GetValue<string>().Should().MatchRegex("^br-[0-9a-f]{32}$").And.Be(metaData["build_key"]!.GetValue<string>());
        metaData.Select(static pair => pair.Value!.GetValue<string>()).Should().NotContain(static value => value.Length == 0);
    }

    [Fact]
    public async Task A_single_commit_of_git_is_a_document_too()
    {
        await using BuildkiteSetup setup = new();
        BuildRequest request = new()
        {
            Head = [new Change("git://github.com/acme/shop/refs%2Fheads%2Ftopic/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
        };

        await setup.Runner.TriggerAsync(request);

        var build = setup.Buildkite.Builds.Should().ContainSingle().Subject;
        (build.Branch, build.Commit, build.Request).Should().Be(("main", "HEAD", request));
    }

    [Fact]
    public async Task A_request_that_is_too_long_is_refused_unsent()
    {
        await using BuildkiteSetup setup = new();

        var act = () => setup.Runner.TriggerAsync(new BuildRequest { Head = [new Change($"test:{new string('x', 60_000)}")] });

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        setup.Buildkite.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(401, "Authentication required. Please supply a valid API Access Token")]
    [InlineData(403, "Forbidden. Your access token doesn't have the `write_builds` scope")]
    [InlineData(404, "Not Found")]
    public async Task A_refusal_of_the_setup_creates_nothing_and_says_so(int status, string message)
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Fail(FakeBuildkite.IsCreate, FakeReply.Json(status, BuildkiteAnswers.Error(message)), stays: true);

        var act = () => setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.IsTransient.Should().BeFalse();
        setup.Buildkite.Creates.Should().Be(status == 401 ? 2 : 1, "a 401 proves that nothing was created");
        setup.Buildkite.Builds.Should().BeEmpty();
    }

    [Theory]
    [InlineData(400, """{"message":"Invalid JSON"}""")]
    [InlineData(405, """{"message":"Method not allowed"}""")]
    [InlineData(406, """{"message":"Not acceptable"}""")]
    [InlineData(409, """{"message":"Conflict"}""")]
    [InlineData(410, """{"message":"Gone"}""")]
    [InlineData(413, """{"message":"Too large"}""")]
    [InlineData(414, """{"message":"Too long"}""")]
    [InlineData(415, """{"message":"Unsupported media type"}""")]
    [InlineData(422, """{"message":"Validation Failed","errors":[{"field":"branch","code":"missing_field"}]}""")]
    [InlineData(422, """{"message":"Meta data value can't be blank"}""")]
    public async Task Another_refusal_is_one_of_the_request(int status, string body)
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Fail(FakeBuildkite.IsCreate, new FakeReply(status, body));

        var act = () => setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        setup.Buildkite.Creates.Should().Be(1);
    }

    // 0 is a connection that closes without an answer; an HTML page is a proxy's.
    [Theory]
    [InlineData(0, true)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(503, true)]
    [InlineData(504, true)]
    [InlineData(520, true)]
    [InlineData(522, true)]
    [InlineData(527, true)]
    [InlineData(425, true)]
    [InlineData(400, true)]
    [InlineData(404, true)]
    [InlineData(422, true)]
    [InlineData(408, true)]
    [InlineData(200, true)]
    [InlineData(302, true)]
    [InlineData(503, false)]
    [InlineData(0, false)]
    public async Task A_lost_answer_sends_no_second_create_and_finds_the_build_if_there_is_one(int status, bool acts)
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.ListLag = TimeSpan.FromSeconds(5);
        setup.Buildkite.Fail(FakeBuildkite.IsCreate, status == 0 ? FakeReply.Lost : FakeReply.Html(status), acts);

        var act = () => setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        if (acts)
        {
            setup.Buildkite.BuildOf(await act()).Should().BeSameAs(setup.Buildkite.Builds.Single());
        }
        else
        {
            (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.IsTransient.Should().BeFalse();
        }

        setup.Buildkite.Creates.Should().Be(1);
    }

    [Theory]
    [InlineData("""{"id":"f62a1b4d-10f9-4790-bc1c-e2c3a0c80983"}""")]
    [InlineData("""{"number":"seven"}""")]
    [InlineData("""{"number":""")]
    [InlineData("[]")]
    public async Task An_answer_without_a_number_is_looked_for(string body)
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Fail(FakeBuildkite.IsCreate, new FakeReply(201, body), acts: true);

        (await setup.Runner.TriggerAsync(BuildkiteSetup.Request())).Should().Be(new BuildId("verify/1"));

        setup.Buildkite.Creates.Should().Be(1);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(425)]
    public async Task A_5xx_of_Buildkite_itself_proves_nothing_either(int status)
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Fail(FakeBuildkite.IsCreate, FakeReply.Json(status, BuildkiteAnswers.Error("Something went wrong")), acts: true);

        (await setup.Runner.TriggerAsync(BuildkiteSetup.Request())).Should().Be(new BuildId("verify/1"));
    }

    public static TheoryData<bool, string?, bool, string?, string, bool> Rules => new()
    {
        { false, null, false, null, "main", true },
        { true, null, false, null, "main", false },
        { false, null, true, null, "main", false },
        { true, "", false, null, "main", false },
        { true, "!main", true, "!main", "main", true },
        { true, "!main", true, null, "main", false },
        { true, "topic/*", false, null, "main", true },
        { true, "topic/*", false, null, "topic/x", false },
        { true, "topic/* main", false, null, "main", false },
        { true, "topic/* !topic/x", false, null, "topic/x", true },
        { false, "*", false, "*", "main", true },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_pipeline_whose_builds_of_a_branch_end_each_other_is_refused_before_any_is_created(
        bool skips, string? skipsOf, bool cancels, string? cancelsOf, string branch, bool isFit)
    {
        await using BuildkiteSetup setup = new(options => options.Branch = branch);
        (setup.Buildkite.SkipsQueued, setup.Buildkite.SkipsQueuedOf) = (skips, skipsOf);
        (setup.Buildkite.CancelsRunning, setup.Buildkite.CancelsRunningOf) = (cancels, cancelsOf);
        setup.Buildkite.AddBuild("topic");

        var act = () => setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        if (isFit)
        {
            await act.Should().NotThrowAsync();
            return;
        }

        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.Buildkite.Creates.Should().Be(0);
        (setup.Buildkite.SkipsQueued, setup.Buildkite.CancelsRunning) = (false, false);
        await act.Should().NotThrowAsync("the same instance works once the pipeline is mended");
    }

    [Fact]
    public async Task The_rules_are_read_every_ten_minutes_and_as_long_as_no_build_tells_them()
    {
        await using BuildkiteSetup setup = new();
        for (var trigger = 0; trigger < 5; trigger++)
        {
            await setup.Runner.TriggerAsync(BuildkiteSetup.Request());
        }

        var before = setup.CountOf("GET builds?exclude_jobs=true&per_page=1");
        setup.Time.Advance(TimeSpan.FromMinutes(10));
        await setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        (before, setup.CountOf("GET builds?exclude_jobs=true&per_page=1")).Should().Be((2, 3));
    }
}
