using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Suite;

/// <summary>How many rows the database reads for what is asked for often does not grow with the builds that there are.</summary>
public abstract class PlanSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : SqlStoreFixture, new()
{
    private const int Few = 5;
    private const int Many = 300;

    // More than the statements of a server say of the same rows, and less than what each of many would add.
    private const int Tolerance = 30;

    [Theory]
    [InlineData(null)]
    [InlineData("owner")]
    public async Task Who_is_next_in_the_line_of_a_runner_is_found_without_the_builds_that_it_has(string? turn)
    {
        await using var database = Fixture.Sql.OpenDatabase();
        LineStatements statements = new(database.BuildDialect);

        // As in an outage, in which nothing of what was accepted begins.
        await ShouldNotGrowAsync(statements.Candidates("ci", 50, turn), Accepted, Waiting);
    }

    [Fact]
    public async Task The_slots_of_a_runner_are_counted_up_to_a_number_without_the_builds_that_wait()
    {
        await using var database = Fixture.Sql.OpenDatabase();
        LineStatements statements = new(database.BuildDialect);

        await ShouldNotGrowAsync(statements.Count("ci", 3), count => Enumerable.Range(0, count).Select(static _ => Waiting()), () => Accepted(1).Single());
    }

    [Fact]
    public async Task The_open_builds_of_a_tag_are_found_without_those_that_have_ended()
    {
        await using var database = Fixture.Sql.OpenDatabase();
        BuildStatements statements = new(database.BuildDialect);
        BuildQuery open = new() { OwnerId = "owner", Tag = "pull/12", HasEnded = false, Limit = BuildQuery.MaxLimit };

        await ShouldNotGrowAsync(statements.List(open), static count => Enumerable.Range(0, count).Select(static i => New(i % 2 == 0 ? BuildStatus.Succeeded : BuildStatus.Cancelled)), static () => New(BuildStatus.Running));
    }

    private static IEnumerable<Build> Accepted(int count) => Enumerable.Range(0, count).Select(static i => New() with { RemoteId = new BuildId($"{i}"), Bookkeeping = new() { SlotSince = EngineFixture.Start } });

    private static Build Waiting() => New() with { Bookkeeping = new() { Line = 50 } };

    private static Build New(BuildStatus status = BuildStatus.Accepted) => Sample.Build($"{Guid.NewGuid()}", status: status) with { Tag = "pull/12" };

    private async Task ShouldNotGrowAsync(SqlStatement statement, Func<int, IEnumerable<Build>> others, Func<Build> found)
    {
        await CreateAllAsync([.. others(Few), found()]);
        var few = await Fixture.CountReadAsync(statement);

        await CreateAllAsync([.. others(Many)]);
        var many = await Fixture.CountReadAsync(statement);

        few.Should().BePositive();
        many.Should().BeLessThanOrEqualTo(few + Tolerance);
    }

    private async Task CreateAllAsync(Build[] builds) => (await Store.TryCreateAllAsync([.. builds.Select(static build => new BuildCreate(build, []))], None)).Should().OnlyContain(static result => result.IsCreated);
}
