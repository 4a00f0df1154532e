namespace BuildRunner.Git.Tests.Logs;

public sealed class LogTests : IAsyncLifetime
{
    private const string Note = "buildrunner: ";

    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task It_can_be_read_while_the_build_runs()
    {
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"echo early; read x < {gate.Path}; echo late"]);
        var buildId = await runner.TriggerAsync();
        await runner.WaitForAsync(buildId, BuildStatus.Running);

        await using var stream = await runner.Runner.OpenLogAsync(buildId);
        using StreamReader reader = new(stream);
        string? line;
        while ((line = await reader.ReadLineAsync(TestContext.Current.CancellationToken)) is null)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        line.Should().Be("early");
        (await runner.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        gate.Release();
        await runner.WaitAsync(buildId);
        (await reader.ReadToEndAsync()).Should().Be("late\n");
    }

    [TimedFact]
    public async Task It_is_there_and_empty_while_the_build_is_queued()
    {
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"read x < {gate.Path}"]);
        await runner.TriggerAsync();
        var queued = await runner.TriggerAsync();

        var log = await runner.ReadLogAsync(queued);

        log.Should().BeEmpty();
        gate.Release();
        gate.Release();
    }

    [TimedFact]
    public async Task Each_build_has_its_own()
    {
        await using var runner = new TestRunner(_repository, static options => options.Command = ["sh", "-c", "echo $BUILDRUNNER_BUILD_ID"]);

        var first = await runner.BuildAsync();
        var second = await runner.BuildAsync();

        first.Lines.Should().Equal(first.Id.Value);
        second.Lines.Should().Equal(second.Id.Value);
    }

    [TimedTheory]
    [InlineData(10, "0123456789")]
    [InlineData(1, "0")]
    [InlineData(0, "")]
    public async Task What_is_over_the_limit_is_dropped_and_the_log_says_so(long limit, string kept)
    {
        await using var runner = new TestRunner(_repository, options =>
        {
            options.Command = ["printf", "%s", "0123456789abcdef"];
            options.MaxLogBytes = limit;
        });

        var build = await runner.BuildAsync();

        build.Status.Should().Be(BuildStatus.Succeeded);
        build.Log.Should().StartWith(kept).And.NotContain(kept + "0123456789abcdef"[kept.Length]);
        build.Log[kept.Length..].TrimStart('\n').Should().StartWith(Note);
    }

    [TimedFact]
    public async Task A_log_that_just_fits_has_nothing_added()
    {
        await using var runner = new TestRunner(_repository, static options =>
        {
            options.Command = ["printf", "%s", "0123456789"];
            options.MaxLogBytes = 10;
        });

        var build = await runner.BuildAsync();

        build.Log.Should().Be("0123456789");
    }

    [TimedFact]
    public async Task A_command_that_writes_much_more_than_the_limit_ends_as_it_would_have()
    {
        await using var runner = new TestRunner(_repository, static options =>
        {
            options.Command = ["sh", "-c", "head -c 5000000 /dev/zero; exit 3"];
            options.MaxLogBytes = 100_000;
        });

        var build = await runner.BuildAsync();

        build.FailureKind.Should().Be(BuildFailureKinds.Code);
        build.Log.Count(static value => value == '\0').Should().Be(100_000);
        build.Lines[^1].Should().Contain("3");
    }

    [TimedFact]
    public async Task Much_output_is_kept_whole()
    {
        await using var runner = new TestRunner(_repository, static options => options.Command = ["seq", "200000"]);

        var build = await runner.BuildAsync();

        build.Lines.Should().HaveCount(200_000);
        build.Lines[^1].Should().Be("200000");
    }

    [TimedFact]
    public async Task A_note_of_the_runner_begins_a_line()
    {
        await using var runner = new TestRunner(_repository, static options => options.Command = ["sh", "-c", "printf unfinished; exit 1"]);

        var build = await runner.BuildAsync();

        build.Lines.Should().HaveCount(2);
        build.Lines[0].Should().Be("unfinished");
        build.Lines[1].Should().StartWith(Note);
    }
}
