using BuildRunner.Queue.Engines;

namespace BuildRunner.Orchestration.Tests.Api;

/// <summary>Arguments and defaults, as documented at the public members.</summary>
public sealed class ArgumentTests
{
    // No inline data, which cannot hold half of a surrogate pair.
    public static TheoryData<string> UnfitRunners => ["", "a\0b", "a\ud800b", "ci_dlq"];

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    public void A_limit_out_of_range_is_refused(int limit) => FluentActions.Invoking(() => new BuildQuery { Limit = limit }).Should().Throw<ArgumentOutOfRangeException>();

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void A_limit_in_range_is_taken(int limit) => new BuildQuery { Limit = limit }.Limit.Should().Be(limit);

    [Fact]
    public void An_order_that_there_is_not_is_refused() => FluentActions.Invoking(static () => new BuildQuery { Order = (BuildOrder)2 }).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void A_query_without_more_is_for_the_100_newest_of_all() =>
        new BuildQuery().Should().Match<BuildQuery>(query => query.Limit == 100 && query.Order == BuildOrder.NewestFirst && query.OwnerId == null && query.Runner == null && query.Status == null && query.After == null);

    [Fact]
    public void Queries_builds_and_submissions_are_compared_by_value()
    {
        new BuildQuery { OwnerId = "a" }.Should().Be(new BuildQuery { OwnerId = "a" }).And.NotBe(new BuildQuery());
        Submissions.Of().Should().Be(Submissions.Of()).And.NotBe(Submissions.Of(key: "another"));
        NewBuild().Should().Be(NewBuild()).And.NotBe(NewBuild() with { Version = 2 });
    }

    [Fact]
    public void A_new_build_has_no_status_no_cause_and_the_version_1() =>
        NewBuild().Should().Match<Build>(build => build.Status == BuildStatus.Accepted && build.CancelCause == BuildCancelCause.None && build.Version == 1 && build.Metadata.Count == 0 && build.RemoteId == null);

    [Fact]
    public void A_conflict_says_which_build_has_the_key_where_it_is_known()
    {
        InvalidOperationException cause = new();
        var id = Guid.CreateVersion7();

        new BuildKeyConflictException().Id.Should().BeNull();
        new BuildKeyConflictException("The key is taken.") { Id = id }.Should().Match<BuildKeyConflictException>(exception => exception.Id == id && exception.Message == "The key is taken.");
        new BuildKeyConflictException(null, cause).InnerException.Should().BeSameAs(cause);
    }

    [Fact]
    public void Topics_are_named_for_their_runner()
    {
        BuildTopics.TriggerOf("ci").Should().Be("build.ci");
        BuildTopics.SignalOf("ci").Should().Be("buildsignal.ci");
        BuildTopics.Deadline.Should().Be("builddeadline");
        BuildTopics.Change.Should().Be("buildchange");
    }

    [Theory]
    [MemberData(nameof(UnfitRunners))]
    public void The_name_of_a_runner_must_be_fit(string runner)
    {
        FluentActions.Invoking(() => BuildTopics.TriggerOf(runner)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => BuildTopics.SignalOf(runner)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new ServiceCollection().AddBuildOrchestration().AddRunner(runner)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void The_name_of_a_runner_has_100_characters_at_most()
    {
        BuildTopics.TriggerOf(new string('r', 100)).Should().HaveLength(106);
        FluentActions.Invoking(() => BuildTopics.SignalOf(new string('r', 101))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void What_must_not_be_null_is_refused()
    {
        ServiceCollection services = new();
        Action[] actions =
        [
            () => BuildTopics.TriggerOf(null!),
            () => BuildTopics.SignalOf(null!),
            () => ((IServiceCollection)null!).AddBuildOrchestration(),
            () => services.AddBuildOrchestration().AddRunner(null!),
            () => services.AddBuildOrchestration().Configure(null!),
            () => ((IHealthChecksBuilder)null!).AddBuildOrchestration(),
            () => services.AddHealthChecks().AddBuildOrchestration(name: null!),
        ];

        actions.Should().AllSatisfy(action => action.Should().Throw<ArgumentNullException>());
    }

    [Fact]
    public async Task A_store_finds_nothing_by_a_default_id()
    {
        InMemoryBuildStore store = new(new InMemoryQueueEngine(TimeProvider.System), TimeProvider.System);

        (await store.ReadAsync(default(Guid), default)).Build.Should().BeNull();
        (await store.ReadAsync("ci", default, default)).Build.Should().BeNull();
    }

    [Fact]
    public void A_builder_has_the_services_that_it_was_made_of_and_is_answered_by_each_call()
    {
        ServiceCollection services = new();

        var builder = services.AddBuildOrchestration();

        builder.Services.Should().BeSameAs(services);
        builder.AddRunner("ci").Should().BeSameAs(builder);
        builder.AddObserver<RecordingObserver>().Should().BeSameAs(builder);
        builder.Configure(_ => { }).Should().BeSameAs(builder);
    }

    private static Build NewBuild() => new()
    {
        Id = new Guid("01900000-0000-7000-8000-000000000001"),
        Key = "build-1",
        OwnerId = "queue-1",
        Runner = "ci",
        Request = new BuildRequest { Head = [Submissions.Change] },
        CreatedAt = StageBackend.Start,
        UpdatedAt = StageBackend.Start,
        Deadline = StageBackend.Start.AddHours(6),
    };
}
