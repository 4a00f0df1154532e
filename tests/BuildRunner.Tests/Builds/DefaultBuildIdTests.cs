namespace BuildRunner.Tests.Builds;

public sealed class DefaultBuildIdTests
{
    [Fact]
    public void It_has_an_empty_value_and_says_what_it_is()
    {
        BuildId buildId = default;

        buildId.IsDefault.Should().BeTrue();
        buildId.Value.Should().BeEmpty();
        buildId.ToString().Should().BeEmpty();
        $"{buildId}".Should().BeEmpty();
    }

    [Fact]
    public void It_equals_itself_and_no_other_id()
    {
        BuildId buildId = default;

        buildId.Equals(default).Should().BeTrue();
        buildId.Equals((object)default(BuildId)).Should().BeTrue();
        buildId.Equals((object?)null).Should().BeFalse();
        (buildId == new BuildId("noop-1")).Should().BeFalse();
        (new BuildId("noop-1") == buildId).Should().BeFalse();
        buildId.GetHashCode().Should().Be(default(BuildId).GetHashCode());
    }

    [Fact]
    public void It_can_be_an_item_of_a_set()
    {
        HashSet<BuildId> ids = [default, new("noop-1"), default];

        ids.Should().HaveCount(2);
        ids.Contains(default).Should().BeTrue();
    }

    [Fact]
    public void It_can_be_the_key_of_a_dictionary()
    {
        Dictionary<BuildId, string> names = new() { [default] = "none", [new("noop-1")] = "one" };

        names[default].Should().Be("none");
        names.Remove(default).Should().BeTrue();
        names.ContainsKey(default).Should().BeFalse();
    }

    [Fact]
    public void Every_item_of_a_new_array_is_one()
    {
        var ids = new BuildId[2];

        ids.Should().OnlyContain(buildId => buildId.IsDefault);
    }

    [Fact]
    public void A_record_can_hold_it()
    {
        var job = new Job(default, "first");

        job.Should().Be(new Job(default, "first"));
        job.GetHashCode().Should().Be(new Job(default, "first").GetHashCode());
        job.Should().NotBe(job with { BuildId = new("noop-1") });
        job.ToString().Should().Contain("first");
    }

    [Fact]
    public async Task A_substitute_that_was_told_nothing_returns_it()
    {
        var runner = Substitute.For<IBuildRunner>();

        var buildId = await runner.TriggerAsync(new BuildRequest());

        buildId.IsDefault.Should().BeTrue();
    }

    [Fact]
    public async Task A_substitute_can_match_it_as_an_argument()
    {
        var runner = Substitute.For<IBuildRunner>();
        var snapshot = new BuildSnapshot { Status = BuildStatus.Failed };
        runner.StatusAsync(default, Arg.Any<CancellationToken>()).Returns(snapshot);

        var answer = await runner.StatusAsync(default);
        await runner.CancelAsync(default);

        answer.Should().BeSameAs(snapshot);
        await runner.Received(1).CancelAsync(Arg.Is<BuildId>(buildId => buildId.IsDefault));
        (await runner.StatusAsync(new BuildId("noop-1"))).Should().NotBeSameAs(snapshot);
    }

    private sealed record Job(BuildId BuildId, string Name);
}
