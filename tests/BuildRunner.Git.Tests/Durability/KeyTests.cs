using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Tests.Durability;

/// <summary>Clause T7 of the contract.</summary>
[Slow]
public sealed class KeyTests : IAsyncLifetime
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(3);

    private readonly RecordingTimeProvider _clock = new();
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task A_later_trigger_with_the_same_key_gives_the_same_build_also_when_it_has_ended()
    {
        await using var runner = CreateRunner();

        var first = await runner.TriggerByKeyAsync("key");
        var second = await runner.TriggerByKeyAsync("key");
        await runner.WaitAsync(first);
        var third = await runner.TriggerByKeyAsync("key");
        var other = await runner.TriggerByKeyAsync("Key");

        second.Should().Be(first);
        third.Should().Be(first);
        other.Should().NotBe(first);
        (await runner.Runner.FindAsync("key")).Should().Be(first);
    }

    [TimedFact]
    public async Task Many_at_once_get_the_same_build()
    {
        await using var runner = CreateRunner();

        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => runner.TriggerByKeyAsync("key"))));

        ids.Distinct().Should().ContainSingle();
        Builds(runner).Should().Equal(ids[0].Value);
    }

    [TimedFact]
    public async Task The_same_key_for_something_else_is_rejected()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        await using var runner = CreateRunner();
        var first = await runner.TriggerByKeyAsync("key");

        var asHead = () => runner.TriggerByKeyAsync("key", head);
        var asBase = () => runner.Runner.TriggerAsync(new BuildRequest { Base = [TestRunner.ChangeOf(head)], TriggerKey = "key" });

        foreach (var trigger in new[] { asHead, asBase })
        {
            (await trigger.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        }

        Builds(runner).Should().Equal(first.Value);
    }

    [TimedFact]
    public async Task The_same_key_with_other_metadata_or_another_target_is_the_same_build()
    {
        await using var runner = CreateRunner();
        var first = await runner.TriggerByKeyAsync("key");
        await _repository.CommitAsync(TestRepository.Main, ("more.txt", ""));

        var second = await runner.Runner.TriggerAsync(new BuildRequest { TriggerKey = "key", Metadata = [new("a", "b")] });

        second.Should().Be(first);
    }

    [TimedTheory]
    [InlineData("none")]
    [InlineData("")]
    [InlineData("../..")]
    [InlineData("\0")]
    [InlineData("\ud800")]
    public async Task A_key_that_was_never_used_is_not_found(string key)
    {
        await using var runner = CreateRunner();
        var before = await runner.Runner.FindAsync(key);
        await runner.TriggerByKeyAsync("\ufffd");

        before.Should().BeNull();
        (await runner.Runner.FindAsync(key)).Should().BeNull();
    }

    [TimedFact]
    public async Task A_key_is_free_again_when_its_build_is_no_longer_kept()
    {
        await using var runner = CreateRunner();
        var first = await runner.TriggerByKeyAsync("key");
        await runner.WaitAsync(first);

        _clock.AdjustTime(_clock.GetUtcNow() + Retention + TimeSpan.FromMilliseconds(1));
        var found = await runner.Runner.FindAsync("key");
        var second = await runner.TriggerByKeyAsync("key");

        found.Should().BeNull();
        second.Should().NotBe(first);
        (await runner.Runner.FindAsync("key")).Should().Be(second);
    }

    [TimedFact]
    public async Task Sweeping_a_build_leaves_the_key_to_the_next()
    {
        await using var runner = CreateRunner();
        var first = await runner.TriggerByKeyAsync("key");
        await runner.WaitAsync(first);
        _clock.AdjustTime(_clock.GetUtcNow() + Retention + TimeSpan.FromMilliseconds(1));
        var second = await runner.TriggerByKeyAsync("key");
        await runner.WaitAsync(second);

        await using var sweeper = CreateRunner(runner.StateDirectory);
        await sweeper.BuildAsync();

        Builds(runner).Should().Contain(second.Value).And.NotContain(first.Value);
        (await runner.Runner.FindAsync("key")).Should().Be(second);
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_whose_trigger_died_before_it_had_the_key_gets_it_or_goes(bool isTaken)
    {
        var state = _repository["state"];
        await using (var host = HostProcess.Start(_repository, state, ["true"], Step.Recorded))
        {
            await host.TryAskAsync("trigger key");
            await host.WaitForDeathAsync();
        }

        await using var runner = CreateRunner(state);
        var dead = Builds(runner).Single();
        if (isTaken)
        {
            // As by a trigger that comes first: the dead one waits in the queue, where nothing is looked at before the start.
            var (entry, build) = (Path.Combine(state, "pending", dead), Path.Combine(state, "builds", dead));
            File.Move(entry, _repository["entry"]);
            Directory.Move(build, _repository["build"]);
            (await runner.WaitAsync(await runner.TriggerByKeyAsync("key"))).Status.Should().Be(BuildStatus.Succeeded);
            Directory.Move(_repository["build"], build);
            File.Move(_repository["entry"], entry);
        }

        await runner.BuildAsync();
        while (Directory.EnumerateFiles(Path.Combine(state, "pending")).Any())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        var owner = await runner.TriggerByKeyAsync("key");

        (owner.Value == dead).Should().Be(!isTaken);
        Builds(runner).Contains(dead).Should().Be(!isTaken);
        (await runner.WaitAsync(owner)).Status.Should().Be(BuildStatus.Succeeded);
    }

    private static string[] Builds(TestRunner runner) =>
        [.. Directory.EnumerateDirectories(Path.Combine(runner.StateDirectory, "builds")).Select(static directory => Path.GetFileName(directory)!)];

    private TestRunner CreateRunner(string? state = null) => new(
        _repository,
        options =>
        {
            options.Retention = Retention;
            options.StateDirectory = state ?? options.StateDirectory;
        },
        _clock);
}
