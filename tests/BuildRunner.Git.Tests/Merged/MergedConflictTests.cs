namespace BuildRunner.Git.Tests.Merged;

/// <summary>A conflict never reaches the CI, and every host knows it.</summary>
public sealed class MergedConflictTests : IAsyncLifetime
{
    private MergedFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await MergedFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TimedTheory]
    [InlineData(false, BuildFailedSides.Head)]
    [InlineData(true, BuildFailedSides.Base)]
    public async Task A_conflict_is_a_build_that_has_failed_on_every_host(bool isInBase, string side)
    {
        var (left, right) = (await _fixture.CommitAsync("left", "same.txt"), await _fixture.CommitAsync("right", "same.txt"));
        var host = _fixture.CreateHost();
        BuildRequest request = new()
        {
            Base = isInBase ? [left, right] : [left],
            Head = isInBase ? [] : [right],
            Metadata = BuildMetadata.Create([new("who", "me")]),
            TriggerKey = "key",
        };

        var buildId = await host.Runner.TriggerAsync(request);
        var other = _fixture.CreateHost();
        var snapshots = new[] { await host.StatusAsync(buildId), await other.StatusAsync(buildId) };

        snapshots.Should().AllBeEquivalentTo(new BuildSnapshot
        {
            Status = BuildStatus.Failed,
            Metadata = BuildMetadata.Create([new("who", "me"), new("failure_kind", "conflict"), new("failed_side", side), new("conflict_paths", "same.txt")]),
        });
        _fixture.Ci.Triggers.Should().BeEmpty();
        (await _fixture.ReadReferencesAsync()).Should().BeEmpty();
        (await other.Runner.TriggerAsync(request)).Should().Be(buildId);
        (await other.Merged.FindCommitAsync(buildId)).Should().BeNull();
    }

    [TimedFact]
    public async Task Histories_that_have_nothing_in_common_conflict()
    {
        var commit = await _fixture.Origin.ShellAsync("git commit-tree -m unrelated $(git mktree < /dev/null)");
        await _fixture.Origin.GitAsync("branch", "unrelated", commit);
        var host = _fixture.CreateHost();

        var snapshot = await host.StatusAsync(await host.TriggerAsync(MergedFixture.ChangeOf("unrelated", commit)));

        (snapshot.Metadata[BuildMetadataKeys.FailureKind], snapshot.Metadata[BuildMetadataKeys.FailedSide]).Should().Be((BuildFailureKinds.Conflict, BuildFailedSides.Head));
    }

    [TimedFact]
    public async Task A_conflict_outlives_the_state_directory_and_a_target_that_has_moved()
    {
        var (left, right) = (await _fixture.CommitAsync("left", "same.txt"), await _fixture.CommitAsync("right", "same.txt"));
        var host = _fixture.CreateHost();
        var buildId = await host.Runner.TriggerAsync(new BuildRequest { Base = [left], Head = [right], TriggerKey = "key" });
        await host.DisposeAsync();
        await _fixture.MoveTargetAsync();

        var other = _fixture.CreateHost();

        (await other.Runner.TriggerAsync(new BuildRequest { Base = [left], Head = [right], TriggerKey = "key" })).Should().Be(buildId);
        (await other.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Failed);
    }

    [TimedFact]
    public async Task A_key_that_is_free_again_gives_a_new_id()
    {
        var (left, right) = (await _fixture.CommitAsync("left", "same.txt"), await _fixture.CommitAsync("right", "same.txt"));
        BuildRequest request = new() { Base = [left], Head = [right], TriggerKey = "key" };
        var host = _fixture.CreateHost();
        var first = await host.Runner.TriggerAsync(request);
        await _fixture.Origin.GitAsync("update-ref", "-d", (await _fixture.ReadReferencesAsync("refs/buildrunner/")).Keys.Single());

        var second = await host.Runner.TriggerAsync(request);

        second.Should().NotBe(first);
        Func<Task> act = () => _fixture.CreateHost().StatusAsync(first);
        await act.Should().ThrowExactlyAsync<BuildNotFoundException>();
    }
}
