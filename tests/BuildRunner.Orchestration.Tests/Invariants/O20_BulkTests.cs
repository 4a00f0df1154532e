using System.Text.Json;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O20_BulkTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task A_thousand_builds_are_submitted_and_come_to_their_ends()
    {
        var process = await StartAsync();

        var results = await process.Orchestrator.SubmitAllAsync([.. Enumerable.Range(0, 1000).Select(static i => Submissions.Of($"{i}"))]);

        results.Select(static result => result.Build!.Key).Should().Equal(Enumerable.Range(0, 1000).Select(static i => $"{i}"));
        (await process.Orchestrator.FindAsync("999")).Should().Be(results[999].Build);
        (await process.Orchestrator.ListAsync(new BuildQuery { Limit = 1000 })).Builds.Should().HaveCount(1000);
    }

    [Fact]
    public async Task Each_is_followed_to_its_end()
    {
        var process = await StartAsync();

        await process.Orchestrator.SubmitAllAsync([.. Enumerable.Range(0, 30).Select(static i => Submissions.Of($"{i}"))]);
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        (await process.Orchestrator.ListAsync(new BuildQuery { Status = BuildStatus.Succeeded })).Builds.Should().HaveCount(30);
        Runner.CreatedBuilds.Should().Be(30);
    }

    [Fact]
    public async Task Each_has_its_own_outcome()
    {
        var process = await StartAsync();
        var known = await process.Orchestrator.SubmitAsync(Submissions.Of("known"));
        await process.Orchestrator.SubmitAsync(Submissions.Of("taken", timeout: TimeSpan.FromMinutes(1)));

        var results = await process.Orchestrator.SubmitAllAsync(
        [
            Submissions.Of("new"),
            Submissions.Of(""),
            Submissions.Of("known"),
            Submissions.Of("taken", timeout: TimeSpan.FromMinutes(2)),
            Submissions.Of("elsewhere", runner: "elsewhere"),
            Submissions.Of("new"),
            Submissions.Of("new", timeout: TimeSpan.FromMinutes(3)),
            Submissions.Of("replaces") with { Supersedes = new() { Key = "known" } },
            null!,
            Submissions.Of("last"),
        ]);

        results.Select(static result => result.Error?.GetType()).Should().Equal(
            null, typeof(ArgumentException), null, typeof(BuildKeyConflictException), typeof(ArgumentException), null, typeof(BuildKeyConflictException), typeof(ArgumentException), typeof(ArgumentNullException), null);
        results.Should().OnlyContain(static result => result.Build == null == (result.Error != null));
        results[2].Build.Should().Be(known);
        results[5].Build.Should().Be(results[0].Build);
        (await process.Orchestrator.ListAsync()).Builds.Select(static build => build.Key).Should().BeEquivalentTo("known", "taken", "new", "last");
    }

    [Fact]
    public async Task Of_many_that_submit_the_same_at_once_all_get_the_same_builds()
    {
        var processes = new[] { await StartAsync(), await StartAsync() };

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => processes[i % 2].Orchestrator.SubmitAllAsync([.. Enumerable.Range(i, 20).Select(static key => Submissions.Of($"{key}"))]))));

        all.SelectMany(static results => results).Select(static result => (result.Build!.Key, result.Build.Id)).Distinct().Should().HaveCount(27);
        (await processes[0].Orchestrator.ListAsync()).Builds.Should().HaveCount(27);
    }

    [Fact]
    public async Task A_submitter_that_dies_leaves_all_or_none()
    {
        foreach (var isDone in new[] { false, true })
        {
            var process = await StartAsync();
            process.Hook.OnCallAsync = call =>
            {
                if (call.Member == "store.create-all" && call.IsDone == isDone)
                {
                    process.Crash();
                }

                return Task.CompletedTask;
            };

            await process.Invoking(static it => it.Orchestrator.SubmitAllAsync([.. Enumerable.Range(0, 10).Select(static i => Submissions.Of($"{i}"))])).Should().ThrowAsync<CrashException>();

            var other = await StartAsync();
            await RunForAsync(other, TimeSpan.FromMinutes(1));
            (await other.Orchestrator.ListAsync(new BuildQuery { HasEnded = true })).Builds.Should().HaveCount(isDone ? 10 : 0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9)]
    public async Task A_submitter_that_dies_within_its_transactions_leaves_all_or_none_of_each(int statement)
    {
        var process = await StartAsync();
        var count = 0;
        process.Hook.OnStatement = () =>
        {
            if (Interlocked.Increment(ref count) == statement)
            {
                process.Crash();
            }
        };
        var wave = Wave();
        try
        {
            await process.Orchestrator.SubmitAllAsync(wave);
        }
        catch (CrashException)
        {
        }

        process.IsOver.Should().Be(count >= statement);
        var saved = await SavedAsync(await StartAsync());
        TransactionsOf(wave).Should().OnlyContain(keys => saved.IsSupersetOf(keys) || !saved.Overlaps(keys));
        var whole = TransactionsOf(wave).Count(saved.IsSupersetOf);
        if (IsServer && statement == 9)
        {
            whole.Should().Be(2, "the last of three statements of the last transaction was hit");
        }
        else
        {
            whole.Should().BeInRange(count < statement ? 1 : 0, count < statement ? 1 : (statement - 1) / 3);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public async Task Where_one_of_the_transactions_fails_the_outcomes_say_which_builds_were_in_it(int statement)
    {
        var process = await StartAsync();
        var count = 0;
        process.Hook.OnStatement = () => _ = Interlocked.Increment(ref count) == statement ? throw new TimeoutException("The server has hung.") : true;
        var wave = Wave();

        var results = await process.Orchestrator.SubmitAllAsync(wave);

        var saved = await SavedAsync(process);
        results.Select(static result => result.Build?.Key).Should().Equal(wave.Select(submission => saved.Contains(submission.Key) ? submission.Key : null));
        results.Select(static result => result.Error).OfType<Exception>().Should().AllBeOfType<TimeoutException>();
        TransactionsOf(wave).Should().OnlyContain(keys => saved.IsSupersetOf(keys) || !saved.Overlaps(keys));
        if (IsServer)
        {
            saved.Should().HaveCountLessThan(wave.Length).And.NotBeEmpty();
        }

        process.Hook.OnStatement = null;
        (await process.Orchestrator.SubmitAllAsync(wave)).Select(static result => result.Build?.Key).Should().Equal(wave.Select(static submission => submission.Key));
    }

    [Fact]
    public async Task One_that_cannot_be_saved_has_its_own_error()
    {
        var process = await StartAsync();
        process.Hook.RefusalOf = static build => build.Key == "17" ? new NotSupportedException("It is too large.") : null;
        BuildSubmission[] wave = [.. Enumerable.Range(0, 30).Select(static i => Submissions.Of($"{i}")), Submissions.Of("17")];

        var results = await process.Orchestrator.SubmitAllAsync(wave);

        results.Select(static result => result.Build?.Key ?? result.Error!.GetType().Name).Should().Equal(wave.Select(static submission => submission.Key == "17" ? nameof(NotSupportedException) : submission.Key));
        (await SavedAsync(process)).Should().BeEquivalentTo(wave.Select(static submission => submission.Key).Where(static key => key != "17"));
    }

    [Fact]
    public async Task One_whose_key_belongs_to_a_build_that_cannot_be_read_has_its_own_error()
    {
        // Nobody can change memory by hand.
        if (Backend is not SqlBackend database)
        {
            return;
        }

        var process = await StartAsync();
        await process.Orchestrator.SubmitAsync(Submissions.Of("1"));
        await database.ExecuteAsync("UPDATE queue_builds SET request = 'none' WHERE build_key = '1'");

        var results = await process.Orchestrator.SubmitAllAsync([.. Enumerable.Range(0, 3).Select(static i => Submissions.Of($"{i}"))]);

        results.Select(static result => result.Build?.Key).Should().Equal("0", null, "2");
        results[1].Error.Should().BeOfType<JsonException>();
    }

    // Three transactions side by side on a server, and one elsewhere.
    private static BuildSubmission[] Wave() => [.. Enumerable.Range(0, 600).Select(static i => Submissions.Of($"{i}"))];

    private static IEnumerable<string[]> TransactionsOf(BuildSubmission[] wave) => wave.Select(static submission => submission.Key).Order(StringComparer.Ordinal).Chunk(IsServer ? 250 : wave.Length);

    private static bool IsServer => typeof(TBackend) == typeof(PostgreSqlBackend) || typeof(TBackend) == typeof(MariaDbBackend);

    private static async Task<HashSet<string>> SavedAsync(StageProcess process) =>
        [.. (await process.Orchestrator.ListAsync(new BuildQuery { Limit = BuildQuery.MaxLimit })).Builds.Select(static build => build.Key)];
}
