using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests;

/// <summary>A build is found by the word of its key, in its meta-data.</summary>
public sealed class FindTests
{
    private const string Key = "shop:pull/12 & \"quoted\"";

    [Fact]
    public async Task A_later_trigger_with_the_same_key_gives_the_same_build_also_after_a_restart()
    {
        await using BuildkiteSetup setup = new();
        var request = BuildkiteSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);

        var (again, other) = (await setup.Runner.TriggerAsync(request), await setup.CreateRunner().TriggerAsync(request));

        (again, other).Should().Be((buildId, buildId));
        (await setup.CreateRunner().FindAsync(Key)).Should().Be(buildId);
        (await setup.Runner.FindAsync("another")).Should().BeNull();
        setup.Buildkite.Creates.Should().Be(1);
    }

    [Fact]
    public async Task A_build_that_has_ended_keeps_its_key()
    {
        await using BuildkiteSetup setup = new();
        var request = BuildkiteSetup.Request("Succeeds", Key);
        var buildId = await setup.Runner.TriggerAsync(request);
        setup.Time.Advance(TimeSpan.FromDays(3));

        (await setup.CreateRunner().TriggerAsync(request)).Should().Be(buildId);
    }

    [Fact]
    public async Task The_same_key_with_another_head_is_refused_also_after_a_restart()
    {
        await using BuildkiteSetup setup = new();
        var buildId = await setup.Runner.TriggerAsync(BuildkiteSetup.Request(key: Key));

        foreach (var runner in new[] { setup.Runner, setup.CreateRunner() })
        {
            var act = () => runner.TriggerAsync(BuildkiteSetup.Request(key: Key));

            var refused = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
            (refused.IsTransient, refused.BuildId).Should().Be((false, buildId));
        }

        setup.Buildkite.Creates.Should().Be(1);
    }

    [Fact]
    public async Task Metadata_does_not_tell_one_request_from_another()
    {
        await using BuildkiteSetup setup = new();
        var request = BuildkiteSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);

        (await setup.Runner.TriggerAsync(request with { Metadata = [new("attempt", "2")] })).Should().Be(buildId);
    }

    [Fact]
    public async Task Of_two_builds_with_one_key_the_older_one_counts()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync(key: Key);
        setup.Buildkite.AddBuild(metaData: (JsonObject)build.MetaData.DeepClone());

        (await setup.Runner.FindAsync(Key)).Should().Be(buildId);
        (await setup.CreateRunner().FindAsync(Key)).Should().Be(buildId);
    }

    [Fact]
    public async Task A_copy_that_somebody_has_made_does_not_count_whatever_it_carries()
    {
        await using BuildkiteSetup setup = new();
        var (_, build) = await setup.TriggerAsync(key: Key);
        setup.Buildkite.Remove(build);
        setup.Buildkite.AddBuild(env: (JsonObject)build.Env.DeepClone(), rebuiltFrom: build);
        setup.Buildkite.AddBuild(metaData: (JsonObject)build.MetaData.DeepClone(), rebuiltFrom: build);

        (await setup.CreateRunner().FindAsync(Key)).Should().BeNull();
    }

    [Fact]
    public async Task A_list_that_does_not_filter_finds_no_other_build()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync(key: Key);
        setup.Buildkite.Answer(
            static request => request.Query("meta_data[build_key]") is not null,
            (_, _) => FakeReply.Json(200, new JsonArray(
                BuildkiteAnswers.Build(setup.Buildkite, setup.Buildkite.AddBuild(), isListed: true),
                BuildkiteAnswers.Build(setup.Buildkite, build, isListed: true))),
            stays: true);

        (await setup.CreateRunner().FindAsync(Key)).Should().Be(buildId);
        (await setup.CreateRunner().FindAsync("another")).Should().BeNull();
    }

    [Fact]
    public async Task A_build_that_the_list_shows_late_is_known_at_once_to_its_process_and_later_to_others()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.ListLag = TimeSpan.FromSeconds(5);
        var request = BuildkiteSetup.Request(key: Key);
        var buildId = await setup.Runner.TriggerAsync(request);

        var (own, other) = (await setup.Runner.TriggerAsync(request), await setup.CreateRunner().FindAsync(Key));
        setup.Time.Advance(TimeSpan.FromSeconds(5));
        var later = await setup.CreateRunner().FindAsync(Key);

        (own, other, later).Should().Be((buildId, null, buildId));
        setup.Buildkite.Creates.Should().Be(1);
    }

    [Fact]
    public async Task A_lost_build_that_no_list_shows_in_time_is_an_unknown_outcome_and_found_later()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.ListLag = TimeSpan.FromMinutes(1);
        setup.Buildkite.Fail(FakeBuildkite.IsCreate, FakeReply.Lost, acts: true);

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(BuildkiteSetup.Request(key: Key))).Should()
            .ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        setup.Time.Advance(TimeSpan.FromMinutes(1));

        (await setup.Runner.FindAsync(Key)).Should().Be(new BuildId("verify/1"));
        setup.Buildkite.Creates.Should().Be(1);
    }

    [Fact]
    public async Task All_pages_are_looked_through_for_the_oldest()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync(key: Key);
        for (var copy = 0; copy < 250; copy++)
        {
            setup.Buildkite.AddBuild(metaData: (JsonObject)build.MetaData.DeepClone());
        }

        var before = setup.Buildkite.Requests.Count;

        (await setup.CreateRunner().FindAsync(Key)).Should().Be(buildId);
        (setup.Buildkite.Requests.Count - before).Should().Be(3);
    }

    [Theory]
    [InlineData(401, true)]
    [InlineData(403, true)]
    [InlineData(404, true)]
    [InlineData(502, false)]
    public async Task A_look_that_fails_is_never_an_absence(int status, bool isSetup)
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Fail(
            static _ => true, status == 502 ? FakeReply.Html(502) : FakeReply.Json(status, BuildkiteAnswers.Error("No")), stays: true);

        var thrown = (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(BuildkiteSetup.Request(key: Key))).Should()
            .ThrowAsync<BuildRunnerException>()).Which;

        (thrown is BuildRunnerConfigurationException, thrown.IsTransient).Should().Be((isSetup, !isSetup));
        setup.Buildkite.Creates.Should().Be(0);
    }
}
