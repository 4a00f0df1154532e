using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>One dispatch, or a second one only after a refusal which proves that nothing was created.</summary>
public sealed class TriggerTests
{
    public static TheoryData<string, int> Refusals => new()
    {
        { "Unexpected inputs provided: [\"build_request\"]", 422 },
        { "No ref found for: main", 422 },
        { "Workflow does not have 'workflow_dispatch' trigger", 422 },
        { "Provided value '' for input 'debug' not in the list of allowed values", 422 },
        { "Required input 'target' not provided", 422 },
        { "Bad credentials", 401 },
        { "Resource not accessible by integration", 403 },
        { "Not Found", 404 },
    };

    [Theory]
    [InlineData("GitHub", 1)]
    [InlineData("Ghes321", 1)]
    [InlineData("V2026", 1)]
    [InlineData("Ghes319", 2)]
    public async Task Every_GitHub_gives_the_run_of_a_dispatch(string mode, int firstDispatches)
    {
        await using GitHubSetup setup = new(Enum.Parse<FakeMode>(mode));

        var first = await setup.Runner.TriggerAsync(GitHubSetup.Request());
        var dispatches = setup.GitHub.Dispatches;
        var second = await setup.Runner.TriggerAsync(GitHubSetup.Request());

        dispatches.Should().Be(firstDispatches);
        (setup.GitHub.Dispatches - dispatches).Should().Be(1, "what the server does not know is not asked for again");
        setup.GitHub.Runs.Select(static run => run.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)).Should()
            .Equal(first.Value, second.Value);
    }

    [Fact]
    public async Task A_server_that_refuses_the_question_for_the_run_with_a_422_is_not_asked_again()
    {
        await using GitHubSetup setup = new(FakeMode.V2026, static options => options.ApiVersion = "2022-11-28")
        {
            Deviations =
            [
                "request actions/create-workflow-dispatch: header: X-GitHub-Api-Version ",
                "request actions/create-workflow-dispatch: body: /return_run_details ",
            ],
        };

        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request());

        setup.GitHub.Dispatches.Should().Be(2);
        setup.GitHub.Runs.Should().ContainSingle().Which.Should().BeSameAs(setup.GitHub.RunOf(buildId));
    }

    [Fact]
    public async Task What_is_sent_is_the_request_and_the_word_of_its_key()
    {
        await using GitHubSetup setup = new();
        BuildRequest request = new()
        {
            Base = [new Change("git://git.example.org/shop/refs%2Fheads%2Fone/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
            Head = [new Change("github://github.com/acme/shop/pull/12/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10")],
            Metadata = [new("queue", "$(rm -rf /) `x` ${{ secrets.X }}")],
            TriggerKey = "shop:12",
        };

        await setup.Runner.TriggerAsync(request);

        var dispatch = setup.GitHub.Requests.Single(static sent => sent.Method == "POST");
        dispatch.Path.Should().Be("/repos/acme/shop/actions/workflows/build.yml/dispatches");
        dispatch.Header("X-GitHub-Api-Version").Should().Be("2022-11-28");
        dispatch.Header("Accept").Should().Be("application/vnd.github+json");
        dispatch.Header("User-Agent").Should().NotBeNullOrEmpty();
        var body = JsonNode.Parse(dispatch.Body)!.AsObject();
        body.Select(static member => member.Key).Should().BeEquivalentTo("ref", "inputs", "return_run_details");
        body["ref"]!.GetValue<string>().Should().Be("main");
        JsonSerializer.Deserialize<BuildRequest>(body["inputs"]!["build_request"]!.GetValue<string>()).Should().Be(request);
        body["inputs"]!["build_key"]!.GetValue<string>().Should().MatchRegex("^br-[0-9a-f]{32}$");
    }

    [Fact]
    public async Task A_single_commit_of_git_is_a_document_too()
    {
        await using GitHubSetup setup = new();
        Change change = new("git://github.com/acme/shop/refs%2Fheads%2Ftopic/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10");
        BuildRequest request = new() { Head = [change] };

        await setup.Runner.TriggerAsync(request);

        var run = setup.GitHub.Runs.Should().ContainSingle().Subject;
        run.Reference.Should().Be("main");
        run.Request.Should().Be(request);
    }

    [Fact]
    public async Task A_request_that_is_too_long_is_refused_unsent()
    {
        await using GitHubSetup setup = new();

        var act = () => setup.Runner.TriggerAsync(new BuildRequest { Head = [new Change($"test:{new string('x', 60_000)}")] });

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        setup.GitHub.Requests.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_of_the_setup_creates_nothing_and_says_so(string message, int status)
    {
        await using GitHubSetup setup = new();
        setup.GitHub.Fail(static request => request.Method == "POST", FakeReply.Json(status, GitHubAnswers.Error(status, message)),
            stays: true);

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.IsTransient.Should().BeFalse();
        setup.GitHub.Dispatches.Should().Be(status == 401 ? 2 : 1, "a 401 proves that nothing was created");
        setup.GitHub.Runs.Should().BeEmpty();
    }

    [Theory]
    [InlineData(400, "Problems parsing JSON")]
    [InlineData(409, "Conflict")]
    [InlineData(422, "Validation Failed")]
    public async Task Another_refusal_is_one_of_the_request(int status, string message)
    {
        await using GitHubSetup setup = new()
        {
            Deviations = status == 409 ? ["answer 409 of actions/create-workflow-dispatch: there is no such answer"] : [],
        };
        setup.GitHub.Fail(static request => request.Method == "POST", FakeReply.Json(status, GitHubAnswers.Error(status, message)));

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        setup.GitHub.Dispatches.Should().Be(1);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(504, true)]
    [InlineData(404, true)]
    [InlineData(200, true)]
    [InlineData(302, true)]
    [InlineData(503, false)]
    [InlineData(0, false)]
    public async Task A_lost_answer_sends_no_second_dispatch_and_finds_the_run_if_there_is_one(int status, bool acts)
    {
        await using GitHubSetup setup = new()
        {
            Deviations = status is 200 or 302 ? [$"answer {status} of actions/create-workflow-dispatch: "] : [],
        };
        setup.GitHub.ListLag = TimeSpan.FromSeconds(5);
        setup.GitHub.AddRun("Verify br-00000000000000000000000000000000");
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        setup.GitHub.Fail(static request => request.Method == "POST", status == 0 ? FakeReply.Lost : FakeReply.Html(status), acts);

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request());

        if (acts)
        {
            setup.GitHub.RunOf(await act()).Should().BeSameAs(setup.GitHub.Runs[^1]);
        }
        else
        {
            (await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.IsTransient.Should().BeFalse();
        }

        setup.GitHub.Dispatches.Should().Be(1);
    }

    [Fact]
    public async Task A_run_that_GitHub_drops_is_an_unknown_outcome_and_stays_unfound()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes319);
        setup.GitHub.DropsRuns = true;

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request(key: "key"));

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        (await setup.Runner.FindAsync("key")).Should().BeNull();
        setup.GitHub.Dispatches.Should().Be(2, "the first one was refused");
    }

    [Fact]
    public async Task Triggers_come_a_second_apart()
    {
        await using GitHubSetup setup = new();

        for (var trigger = 0; trigger < 4; trigger++)
        {
            await setup.Runner.TriggerAsync(GitHubSetup.Request());
        }

        setup.GitHub.Runs.Zip(setup.GitHub.Runs.Skip(1), static (one, next) => next.CreatedAt - one.CreatedAt).Should()
            .OnlyContain(static pause => pause >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Unknown_and_missing_members_are_no_matter()
    {
        await using GitHubSetup setup = new()
        {
            Deviations =
            [
                "answer 200 of actions/list-workflow-runs: ",
                "answer 200 of actions/get-workflow-run-attempt: ",
                "answer 200 of actions/list-jobs-for-workflow-run-attempt: ",
            ],
        };
        setup.GitHub.VariesMembers = true;

        var (buildId, _) = await setup.TriggerAsync("Fails", "key");

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Failed);
        (await setup.Runner.FindAsync("key")).Should().Be(buildId);
    }
}
