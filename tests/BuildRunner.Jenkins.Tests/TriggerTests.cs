using System.Text.Json;
using System.Web;

namespace BuildRunner.Jenkins.Tests;

/// <summary>One form, sent once, and what its answer proves.</summary>
public sealed class TriggerTests
{
    [Fact]
    public async Task What_is_sent_is_the_request_and_its_word_in_a_form_without_a_quiet_period()
    {
        await using JenkinsSetup setup = new();
        BuildRequest request = new()
        {
            Base = [new Change("git://git.example.org/shop/refs%2Fheads%2Fone/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
            Head = [new Change("github://github.com/acme/shop/pull/12/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
            Metadata = [new("queue", "$(rm -rf /) `x` ${BUILD_KEY} & + % = \u2028 \U0001F600\n")],
            TriggerKey = "shop:12",
        };

        var buildId = await setup.Runner.TriggerAsync(request);

        var create = setup.Jenkins.Requests.Single(static sent => sent.Method == "POST");
        create.Path.Should().Be("/job/team/job/verify/buildWithParameters");
        create.Address.Query.Should().Be("?delay=0sec");
        create.Header("Content-Type").Should().Be("application/x-www-form-urlencoded");
        var form = HttpUtility.ParseQueryString(create.Body);
        form.AllKeys.Should().BeEquivalentTo("BUILD_REQUEST", "BUILD_KEY");
        JsonSerializer.Deserialize<BuildRequest>(form["BUILD_REQUEST"]!).Should().Be(request);
        form["BUILD_REQUEST"].Should().NotContain("\n", "Jenkins may change the ends of lines");
        form["BUILD_KEY"].Should().MatchRegex("^br-[0-9a-f]{32}$");
        buildId.Value.Should().Be($"{setup.Jenkins.Builds[0].QueueId}-{form["BUILD_KEY"]![3..19]}");
    }

    [Fact]
    public async Task A_single_commit_of_git_is_a_document_too()
    {
        await using JenkinsSetup setup = new();
        BuildRequest request = new()
        {
            Head = [new Change("git://github.com/acme/shop/refs%2Fheads%2Ftopic/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
        };

        var buildId = await setup.Runner.TriggerAsync(request);

        setup.Jenkins.BuildOf(buildId).Request.Should().Be(request);
    }

    [Theory]
    [InlineData("team/verify", "/job/team/job/verify")]
    [InlineData("verify", "/job/verify")]
    [InlineData("shop/feature%2Fx", "/job/shop/job/feature%252Fx")]
    [InlineData("a team/50% off?", "/job/a%20team/job/50%25%20off%3F")]
    public async Task Folders_and_the_escaped_branches_of_multibranch_projects_have_their_address(string job, string path)
    {
        await using JenkinsSetup setup = new(job: job);

        var (buildId, _) = await setup.TriggerAsync("Succeeds");

        var snapshot = await setup.Runner.StatusAsync(buildId);
        snapshot.Status.Should().Be(BuildStatus.Succeeded);
        snapshot.Metadata[BuildMetadataKeys.Url].Should().Be($"https://ci.test{path}/7/");
        setup.Paths.Should().Contain($"POST {path}/buildWithParameters");
        setup.Paths.Should().NotContain(static one => one.Contains("//", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("BUILD_KEY")]
    [InlineData("BUILD_REQUEST")]
    [InlineData("BUILD_KEY", "BUILD_REQUEST")]
    public async Task A_parameter_that_is_not_declared_is_named_before_anything_is_sent(params string[] names)
    {
        await using JenkinsSetup setup = new();
        names.ToList().ForEach(name => setup.Jenkins.Declared.Remove(name));

        var act = () => setup.Runner.TriggerAsync(JenkinsSetup.Request());

        var message = (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message;
        names.Should().OnlyContain(name => message.Contains(name, StringComparison.Ordinal));
        setup.Jenkins.Creates.Should().Be(0);
        names.ToList().ForEach(name => setup.Jenkins.Declared[name] = "StringParameterDefinition");
        await act.Should().NotThrowAsync("the same instance works once the job is mended");
    }

    [Theory]
    [InlineData("PasswordParameterDefinition", false)]
    [InlineData("ChoiceParameterDefinition", false)]
    [InlineData("ValidatingStringParameterDefinition", false)]
    [InlineData("TextParameterDefinition", true)]
    public async Task A_parameter_has_to_be_a_text(string type, bool isText)
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.Declared["BUILD_REQUEST"] = type;

        var act = () => setup.Runner.TriggerAsync(JenkinsSetup.Request());

        _ = isText ? await act.Should().NotThrowAsync()
            : (object)await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.Jenkins.Creates.Should().Be(isText ? 1 : 0);
    }

    [Fact]
    public async Task The_job_is_looked_at_once_and_again_after_a_trigger_that_failed()
    {
        await using JenkinsSetup setup = new();
        await setup.Runner.TriggerAsync(JenkinsSetup.Request());
        await setup.Runner.TriggerAsync(JenkinsSetup.Request());
        var once = setup.CountOf("GET", "/verify/api/json");
        setup.Jenkins.RefusesItems = true;
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(JenkinsSetup.Request())).Should().ThrowAsync<BuildRunnerException>();
        setup.Jenkins.RefusesItems = false;
        await setup.Runner.TriggerAsync(JenkinsSetup.Request());

        once.Should().Be(1);
        setup.CountOf("GET", "/verify/api/json").Should().Be(2);
    }

    [Fact]
    public async Task A_request_that_is_too_long_is_refused_unsent()
    {
        await using JenkinsSetup setup = new();

        var act = () => setup.Runner.TriggerAsync(new BuildRequest { Head = [new Change($"test:{new string('x', 60_000)}")] });

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        setup.Jenkins.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task The_longest_request_fits_into_a_form_of_an_older_Jenkins()
    {
        await using JenkinsSetup setup = new();
        BuildRequest request = new() { Metadata = [new("quotes", new string('\u2028', 9_980))] };
        JsonSerializer.Serialize(request).Length.Should().BeInRange(59_000, 60_000);

        await setup.Runner.TriggerAsync(request);

        setup.Jenkins.Requests[^1].Body.Length.Should().BeLessThan(setup.Jenkins.MaxForm);
        setup.Jenkins.Builds.Should().ContainSingle().Which.Request.Should().Be(request);
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("not parameterized")]
    [InlineData("hidden")]
    [InlineData("no permission")]
    [InlineData("a wrong token")]
    public async Task A_fault_of_the_setup_creates_nothing_and_is_told_from_the_first_trigger_and_from_later_ones(string fault)
    {
        await using JenkinsSetup setup = new();
        var warm = setup.CreateRunner();
        await warm.TriggerAsync(JenkinsSetup.Request());
        _ = fault switch
        {
            "disabled" => setup.Jenkins.IsBuildable = false,
            "hidden" => setup.Jenkins.IsHidden = true,
            "no permission" => setup.Jenkins.MayBuild = false,
            "a wrong token" => setup.Jenkins.Tokens.Remove(JenkinsSetup.Token),
            _ => setup.Jenkins.Declared.Remove("BUILD_KEY") & setup.Jenkins.Declared.Remove("BUILD_REQUEST"),
        };

        foreach (var runner in new[] { setup.Runner, warm })
        {
            var act = () => runner.TriggerAsync(JenkinsSetup.Request());

            (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>(fault)).Which.IsTransient.Should().BeFalse();
        }

        setup.Jenkins.Builds.Should().ContainSingle();
    }

    [Theory]
    [InlineData(302, ".", "")]
    [InlineData(400, null, "Form is larger than max length 200000")]
    [InlineData(400, null, "Nothing is submitted")]
    [InlineData(405, null, "POST is required")]
    [InlineData(413, null, "Too large")]
    [InlineData(414, null, "URI Too Long")]
    [InlineData(406, null, "Not Acceptable")]
    [InlineData(410, null, "Gone")]
    [InlineData(415, null, "Unsupported Media Type")]
    [InlineData(422, null, "Unprocessable Content")]
    [InlineData(409, null, "Conflict")]
    public async Task A_refusal_of_Jenkins_itself_creates_nothing_and_ends_the_request(int status, string? location, string text)
    {
        await using JenkinsSetup setup = new();
        var reply = FakeReply.Page(status, text);
        setup.Jenkins.Fail(static request => request.Method == "POST", location is null ? reply : reply.With("Location", location));

        var act = () => setup.Runner.TriggerAsync(JenkinsSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        setup.Jenkins.Creates.Should().Be(1);
    }

    [Theory]
    [InlineData(400, "verify is not parameterized")]
    [InlineData(409, "verify is not buildable")]
    public async Task A_refusal_for_the_job_is_one_of_the_setup(int status, string text)
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.Fail(static request => request.Method == "POST", FakeReply.Page(status, text));

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(JenkinsSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.Jenkins.Creates.Should().Be(1);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("500")]
    [InlineData("503 while starting")]
    [InlineData("504")]
    [InlineData("408")]
    [InlineData("425")]
    [InlineData("a proxy's 520")]
    [InlineData("no place")]
    [InlineData("another place")]
    [InlineData("folded into nothing")]
    [InlineData("a login page")]
    [InlineData("a proxy's 502")]
    [InlineData("a proxy's 404")]
    [InlineData("a proxy's 409")]
    [InlineData("a proxy's 201")]
    [InlineData("a proxy's way back")]
    public async Task An_answer_that_proves_nothing_sends_no_second_form_and_finds_the_build_if_there_is_one(string name)
    {
        foreach (var acts in new[] { true, false })
        {
            await using JenkinsSetup setup = new();
            setup.Jenkins.QueueLag = TimeSpan.FromSeconds(3);
            setup.Jenkins.Fail(static request => request.Method == "POST", Unproven(name), acts);

            var act = () => setup.Runner.TriggerAsync(JenkinsSetup.Request());

            if (acts)
            {
                setup.Jenkins.BuildOf(await act()).Should().BeSameAs(setup.Jenkins.Builds.Single(), name);
            }
            else
            {
                (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>(name)).Which.IsTransient.Should().BeFalse();
            }

            setup.Jenkins.Creates.Should().Be(1);
        }
    }

    [Fact]
    public async Task A_trigger_that_is_folded_into_our_own_item_is_that_item()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var request = JenkinsSetup.Request(key: "key");
        var first = await setup.Runner.TriggerAsync(request);

        // An instance that does not see the first one: its reads are stale.
        setup.Jenkins.Answer(static one => one.Path == "/queue/api/json",
            static (_, own) => own with { Body = "{\"items\":[]}" }, stays: true);
        var second = await setup.CreateRunner().TriggerAsync(request);

        second.Should().Be(first);
        setup.Jenkins.Creates.Should().Be(2);
        setup.Jenkins.Builds.Should().ContainSingle();
    }

    [Fact]
    public async Task A_trigger_that_is_folded_into_a_foreign_item_is_a_fault_of_the_setup()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        await setup.Runner.TriggerAsync(JenkinsSetup.Request());
        setup.Jenkins.Declared.Clear();
        setup.Jenkins.Declared["OTHER"] = "StringParameterDefinition";
        setup.Jenkins.Add(new() { ["OTHER"] = "" });

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(JenkinsSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.Jenkins.Builds.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(403)]
    public async Task A_folded_trigger_whose_item_cannot_be_read_has_an_unknown_outcome(int status)
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var request = JenkinsSetup.Request(key: "key");
        var first = await setup.Runner.TriggerAsync(request);
        setup.Jenkins.Answer(static one => one.Path == "/queue/api/json",
            static (_, own) => own with { Body = "{\"items\":[]}" }, stays: true);
        setup.Jenkins.Fail(static one => one.Path.StartsWith("/queue/item/", StringComparison.Ordinal),
            FakeReply.Page(status, "No").With("X-Jenkins", FakeJenkins.Version), stays: true);
        var runner = setup.CreateRunner();

        await FluentActions.Awaiting(() => runner.TriggerAsync(request)).Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        setup.Jenkins.MendAll();
        (await runner.FindAsync("key")).Should().Be(first);
    }

    [Theory]
    [InlineData("BUILD_REQUEST")]
    [InlineData("BUILD_KEY")]
    public async Task A_build_that_has_lost_a_parameter_is_never_a_success_and_blames_no_change(string name)
    {
        await using JenkinsSetup setup = new();
        await setup.Runner.TriggerAsync(JenkinsSetup.Request());
        setup.Jenkins.Declared.Remove(name);
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(building: true, inProgress: true, result: null);

        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
        await setup.Runner.CancelAsync(buildId);
        foreach (var result in new[] { "SUCCESS", "FAILURE" })
        {
            build.Set(building: false, inProgress: false, result);

            var snapshot = await setup.CreateRunner().StatusAsync(buildId);

            (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.FailureKind]).Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra));
        }

        build.Stops.Should().Equal("stop");
        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(JenkinsSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>("the job is looked at again");
    }

    [Fact]
    public async Task Triggers_without_a_key_are_never_folded()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        BuildRequest request = new();

        var ids = new[] { await setup.Runner.TriggerAsync(request), await setup.Runner.TriggerAsync(request) };

        ids.Should().OnlyHaveUniqueItems();
        setup.Jenkins.Builds.Should().HaveCount(2);
    }

    private static FakeReply Unproven(string name) => name switch
    {
        "500" => FakeReply.Page(500, "Oops!"),
        "503 while starting" => FakeReply.Page(503, "Please wait while Jenkins is getting ready to work"),
        "504" => FakeReply.Page(504, "Gateway Timeout"),
        "408" => FakeReply.Page(408, "Request Timeout"),
        "425" => FakeReply.Page(425, "Too Early"),
        "a proxy's 520" => FakeReply.Html(520),
        "no place" => FakeReply.Page(201, ""),
        "another place" => FakeReply.Page(201, "").With("Location", "https://ci.test/job/team/job/verify/"),
        "folded into nothing" => FakeReply.Page(303, "").With("Location", "https://ci.test/"),
        "a login page" => FakeReply.Page(302, "").With("Location", "https://ci.test/login?from=%2F"),
        "a proxy's 502" => FakeReply.Html(502),
        "a proxy's 404" => FakeReply.Html(404),
        "a proxy's 409" => FakeReply.Html(409),
        "a proxy's 201" => FakeReply.Html(201).With("Location", "https://ci.test/queue/item/999/"),
        "a proxy's way back" => FakeReply.Html(302).With("Location", "."),
        _ => FakeReply.Lost,
    };
}
