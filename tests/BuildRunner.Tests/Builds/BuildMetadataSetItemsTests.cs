namespace BuildRunner.Tests.Builds;

public sealed class BuildMetadataSetItemsTests
{
    private static readonly BuildMetadata Metadata = [new("queue", "main"), new("attempt", "2")];

    [Fact]
    public void The_given_pairs_win_and_keep_the_place_of_the_key()
    {
        var merged = Metadata.SetItems([new("queue", "other"), new("url", "https://ci/1")]);

        merged.Keys.Should().Equal("queue", "attempt", "url");
        merged.Should().Be(new BuildMetadata([new("queue", "other"), new("attempt", "2"), new("url", "https://ci/1")]));
    }

    [Fact]
    public void The_instance_itself_stays_as_it_was()
    {
        Metadata.SetItems([new("queue", "other"), new("more", "1")]);

        Metadata.Should().Be(new BuildMetadata([new("queue", "main"), new("attempt", "2")]));
    }

    [Fact]
    public void The_empty_instance_stays_empty()
    {
        var merged = BuildMetadata.Empty.SetItems([new("queue", "main")]);

        merged["queue"].Should().Be("main");
        BuildMetadata.Empty.Count.Should().Be(0);
    }

    [Fact]
    public void Nothing_to_set_gives_the_same_instance()
    {
        Metadata.SetItems(null).Should().BeSameAs(Metadata);
        Metadata.SetItems([]).Should().BeSameAs(Metadata);
    }

    [Fact]
    public void Keys_are_compared_with_their_case()
    {
        var merged = Metadata.SetItems([new("Queue", "other")]);

        merged["queue"].Should().Be("main");
        merged["Queue"].Should().Be("other");
    }
}
