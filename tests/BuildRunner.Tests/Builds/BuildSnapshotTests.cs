namespace BuildRunner.Tests.Builds;

public sealed class BuildSnapshotTests
{
    [Fact]
    public void Status_alone_is_enough()
    {
        var snapshot = new BuildSnapshot { Status = BuildStatus.Running };

        snapshot.Status.Should().Be(BuildStatus.Running);
        snapshot.Metadata.Should().BeSameAs(BuildMetadata.Empty);
        snapshot.PollAfter.Should().BeNull();
    }

    [Fact]
    public void Null_metadata_is_the_same_as_empty()
    {
        var snapshot = new BuildSnapshot { Status = BuildStatus.Running, Metadata = null };

        snapshot.Metadata.Should().BeSameAs(BuildMetadata.Empty);
        snapshot.Should().Be(new BuildSnapshot { Status = BuildStatus.Running });
    }

    [Fact]
    public void Snapshots_with_equal_contents_are_equal()
    {
        Full().Should().Be(Full());
        Full().GetHashCode().Should().Be(Full().GetHashCode());
        Full().Should().Be(Full() with { Metadata = [new("b", "2"), new("a", "1")] });
    }

    [Fact]
    public void Every_property_makes_a_difference()
    {
        var snapshot = Full();

        snapshot.Should().NotBe(snapshot with { Status = BuildStatus.Accepted });
        snapshot.Should().NotBe(snapshot with { Metadata = [new("a", "1")] });
        snapshot.Should().NotBe(snapshot with { PollAfter = TimeSpan.FromSeconds(6) });
        snapshot.Should().NotBe(snapshot with { PollAfter = null });
    }

    [Fact]
    public void With_changes_one_property_and_leaves_the_original()
    {
        var snapshot = Full();

        var changed = snapshot with { Status = BuildStatus.Failed };

        changed.Status.Should().Be(BuildStatus.Failed);
        changed.Metadata.Should().BeSameAs(snapshot.Metadata);
        changed.PollAfter.Should().Be(TimeSpan.FromSeconds(5));
        snapshot.Should().Be(Full());
    }

    [Fact]
    public void The_text_shows_status_and_metadata_keys_and_no_metadata_value()
    {
        var text = new BuildSnapshot { Status = BuildStatus.Failed, Metadata = [new("native_state", "hunter2")] }.ToString();

        text.Should().Contain("Failed").And.Contain("native_state");
        text.Should().NotContain("hunter2");
    }

    private static BuildSnapshot Full() => new()
    {
        Status = BuildStatus.Running,
        Metadata = [new("a", "1"), new("b", "2")],
        PollAfter = TimeSpan.FromSeconds(5),
    };
}
