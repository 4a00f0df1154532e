namespace BuildRunner.Orchestration.Tests.Submitting;

public sealed class SubmitTests : IAsyncDisposable
{
    private readonly InMemoryBackend _backend = new();
    private readonly FakeBuildRunner _runner;

    public SubmitTests() => _runner = new FakeBuildRunner(_backend.Time);

    public static TheoryData<string> Unfit => ["", new string('x', 256), "a\0b", "a\ud800b"];

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Fact]
    public async Task A_submission_becomes_a_record_with_an_id_that_is_its_trigger_key()
    {
        await using var process = await StartAsync();

        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: TimeSpan.FromMinutes(10)));

        build.Should().Be(new Build
        {
            Id = build.Id,
            Key = "build-1",
            OwnerId = "queue-1",
            Runner = "ci",
            Request = new BuildRequest { Head = [Submissions.Change], TriggerKey = build.Id.ToString() },
            CreatedAt = StageBackend.Start,
            UpdatedAt = StageBackend.Start,
            Deadline = StageBackend.Start.AddMinutes(10),
            Policy = new() { Timeout = TimeSpan.FromMinutes(10) },
        });
        build.Id.Version.Should().Be(7);
        (await process.Orchestrator.GetAsync(build.Id)).Should().Be(build);
    }

    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task A_key_that_is_unfit_is_refused(string key) => await ShouldRefuseAsync<ArgumentException>(Submissions.Of(key: key));

    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task An_owner_that_is_unfit_is_refused(string owner) => await ShouldRefuseAsync<ArgumentException>(Submissions.Of(owner: owner));

    [Theory]
    [MemberData(nameof(Unfit))]
    [InlineData("nobody")]
    [InlineData("ci_dlq")]
    [InlineData("CI")]
    public async Task A_runner_that_is_unfit_or_not_there_is_refused(string runner) => await ShouldRefuseAsync<ArgumentException>(Submissions.Of(runner: runner));

    [Fact]
    public async Task The_name_of_a_runner_has_100_characters_at_most()
    {
        await using var process = await StageProcess.StartAsync(_backend, (_, _) => { });

        var longest = await process.Orchestrator.SubmitAsync(Submissions.Of(runner: new string('r', 100)));

        longest.Runner.Should().HaveLength(100);
        await process.Invoking(it => it.Orchestrator.SubmitAsync(Submissions.Of(key: "build-2", runner: new string('r', 101)))).Should().ThrowAsync<ArgumentException>();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(365.00001 * 24 * 3600)]
    public async Task A_timeout_out_of_range_is_refused(double seconds) => await ShouldRefuseAsync<ArgumentOutOfRangeException>(Submissions.Of(timeout: TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task Limits_and_hints_out_of_range_are_refused()
    {
        await ShouldRefuseAsync<ArgumentOutOfRangeException>(Submissions.Of() with { PendingTimeout = TimeSpan.FromMilliseconds(999) });
        await ShouldRefuseAsync<ArgumentOutOfRangeException>(Submissions.Of() with { PendingTimeout = TimeSpan.FromDays(366) });
        await ShouldRefuseAsync<ArgumentOutOfRangeException>(Submissions.Of() with { RunTimeout = TimeSpan.FromMilliseconds(999) });
        await ShouldRefuseAsync<ArgumentOutOfRangeException>(Submissions.Of() with { Priority = -1 });
        await ShouldRefuseAsync<ArgumentOutOfRangeException>(Submissions.Of() with { Priority = 101 });
        await ShouldRefuseAsync<ArgumentOutOfRangeException>(Submissions.Of() with { Retry = new() { MaxAttempts = 0 } });
        await ShouldRefuseAsync<ArgumentException>(Submissions.Of() with { Tag = "" });
    }

    [Fact]
    public async Task A_request_with_a_trigger_key_of_its_own_is_refused() =>
        await ShouldRefuseAsync<ArgumentException>(Submissions.Of() with { Request = new BuildRequest { TriggerKey = "mine" } });

    [Fact]
    public async Task What_is_null_is_refused()
    {
        await ShouldRefuseAsync<ArgumentNullException>(null!);
        await ShouldRefuseAsync<ArgumentNullException>(Submissions.Of() with { Key = null! });
        await ShouldRefuseAsync<ArgumentNullException>(Submissions.Of() with { OwnerId = null! });
        await ShouldRefuseAsync<ArgumentNullException>(Submissions.Of() with { Runner = null! });
        await ShouldRefuseAsync<ArgumentNullException>(Submissions.Of() with { Request = null! });
    }

    [Fact]
    public async Task The_longest_key_and_owner_are_taken_and_woken()
    {
        RecordingObserver observer = new();
        await using var process = await StageProcess.StartAsync(_backend, (stage, hook) => stage.AddRunner(hook, _runner).AddObserver(observer));

        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(key: new string('k', 255), owner: new string('o', 255)));
        await process.RunToEndAsync(build.Id, TimeSpan.FromMinutes(1));

        observer.Seen.Should().NotBeEmpty();
    }

    [Fact]
    public async Task The_same_submission_again_answers_the_build_that_there_is_also_when_it_has_ended()
    {
        await using var process = await StartAsync();
        var first = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.RunToEndAsync(first.Id, TimeSpan.FromMinutes(1));

        var again = await process.Orchestrator.SubmitAsync(Submissions.Of());

        again.Should().Be(await process.Orchestrator.GetAsync(first.Id));
        _runner.CreatedBuilds.Should().Be(1);
        (await process.Orchestrator.ListAsync()).Builds.Should().ContainSingle();
    }

    [Fact]
    public async Task Another_submission_with_the_same_key_is_refused_and_told_which_build_has_it()
    {
        await using var process = await StageProcess.StartAsync(_backend, (stage, hook) => stage.AddRunner(hook, _runner).AddRunner(hook, _runner, name: "other"));
        var first = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: TimeSpan.FromMinutes(10)));
        BuildSubmission[] others =
        [
            Submissions.Of(owner: "queue-2", timeout: TimeSpan.FromMinutes(10)),
            Submissions.Of(runner: "other", timeout: TimeSpan.FromMinutes(10)),
            Submissions.Of(timeout: TimeSpan.FromMinutes(11)),
            Submissions.Of() with { PendingTimeout = TimeSpan.FromMinutes(10) },
            Submissions.Of() with { RunTimeout = TimeSpan.FromMinutes(10) },
            Submissions.Of() with { Retry = new() { MaxAttempts = 2 } },
            Submissions.Of(timeout: TimeSpan.FromMinutes(10)) with { Request = new BuildRequest() },
            Submissions.Of(timeout: TimeSpan.FromMinutes(10)) with { Request = new BuildRequest { Head = [Submissions.Change], Metadata = [new("a", "b")] } },
        ];

        foreach (var other in others)
        {
            var refusal = await process.Invoking(it => it.Orchestrator.SubmitAsync(other)).Should().ThrowAsync<BuildKeyConflictException>();
            refusal.Which.Id.Should().Be(first.Id);
        }
    }

    [Fact]
    public async Task A_submission_is_the_same_whatever_budget_it_names_because_that_of_the_runner_counts()
    {
        await using var process = await StartAsync();
        var submission = Submissions.Of() with { Retry = new() { MaxAttempts = 2, BudgetPerHour = 10 } };
        var first = await process.Orchestrator.SubmitAsync(submission);

        var again = await process.Orchestrator.SubmitAsync(submission with { Retry = submission.Retry with { BudgetPerHour = 20 } });

        again.Id.Should().Be(first.Id);
    }

    [Fact]
    public async Task A_submission_without_a_timeout_has_the_default_and_is_the_same_as_one_that_says_it()
    {
        await using var process = await StartAsync();

        var first = await process.Orchestrator.SubmitAsync(Submissions.Of());
        var again = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: TimeSpan.FromHours(6)));

        first.Deadline.Should().Be(StageBackend.Start.AddHours(6));
        again.Should().Be(first);
    }

    [Fact]
    public async Task A_submission_without_a_timeout_is_the_same_whatever_default_the_first_process_had()
    {
        await using var first = await StartAsync(TimeSpan.FromHours(1));
        await using var second = await StartAsync(TimeSpan.FromHours(2));
        var submitted = await first.Orchestrator.SubmitAsync(Submissions.Of());

        var again = await second.Orchestrator.SubmitAsync(Submissions.Of());

        again.Should().Be(submitted);
        again.Deadline.Should().Be(StageBackend.Start.AddHours(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_processes_that_submit_a_key_at_the_same_time_have_one_build(bool isSame)
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        Build? other = null;
        first.Hook.OnCallAsync = async call =>
        {
            if (call == new StageCall("store.create", IsDone: false))
            {
                other ??= await second.Orchestrator.SubmitAsync(isSame ? Submissions.Of() : Submissions.Of(owner: "queue-2"));
            }
        };

        var submitting = () => first.Orchestrator.SubmitAsync(Submissions.Of());

        if (isSame)
        {
            (await submitting()).Should().Be(other);
        }
        else
        {
            (await submitting.Should().ThrowAsync<BuildKeyConflictException>()).Which.Id.Should().Be(other!.Id);
        }

        (await first.Orchestrator.ListAsync()).Builds.Should().ContainSingle();
    }

    private async Task ShouldRefuseAsync<TException>(BuildSubmission submission)
        where TException : ArgumentException
    {
        await using var process = await StartAsync();
        (await process.Invoking(it => it.Orchestrator.SubmitAsync(submission)).Should().ThrowAsync<TException>()).Which.ParamName.Should().Be("submission");
        (await process.Orchestrator.ListAsync()).Builds.Should().BeEmpty();
    }

    private Task<StageProcess> StartAsync(TimeSpan? defaultTimeout = null) => StageProcess.StartAsync(_backend, (stage, hook) =>
        stage.AddRunner(hook, _runner).Configure(options => options.DefaultTimeout = defaultTimeout ?? options.DefaultTimeout));
}
