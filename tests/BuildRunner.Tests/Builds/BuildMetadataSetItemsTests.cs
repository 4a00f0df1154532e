namespace BuildRunner.Tests.Builds;

public sealed class BuildMetadataSetItemsTests
{
    private static readonly BuildMetadata Metadata = [new("queue", "main"), new("attempt", "2")];

    [Fact]
    public void The_given_pairs_win_and_keep_the_place_of_the_key()
    {
        var merged = Metadata.SetItems([new("queue", "other"), new("url", "https://ci/1")]);

        merged.Select(pair => $"{pair.Key}={pair.Value}").Should().Equal("queue=other", "attempt=2", "url=https://ci/1");
    }

    [Fact]
    public void The_instance_itself_stays_as_it_was()
    {
        Metadata.SetItems([new("queue", "other"), new("more", "1")]);

        Metadata.Should().Equal(new Dictionary<string, string> { ["queue"] = "main", ["attempt"] = "2" });
    }

    [Fact]
    public void The_empty_instance_stays_empty()
    {
        var merged = BuildMetadata.Empty.SetItems([new("queue", "main")]);

        merged["queue"].Should().Be("main");
        BuildMetadata.Empty.Count.Should().Be(0);
    }

    [Fact]
    public void A_key_that_is_given_twice_has_its_last_value()
    {
        var merged = Metadata.SetItems([new("url", "1"), new("url", "2")]);

        merged["url"].Should().Be("2");
        merged.Count.Should().Be(3);
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

    [Fact]
    public void A_null_key_is_refused()
    {
        ShouldBeRefused(new(null!, "value"));
    }

    [Fact]
    public void A_null_value_is_refused()
    {
        ShouldBeRefused(new("key", null!));
    }

    [Fact]
    public void Ill_formed_text_is_refused()
    {
        ShouldBeRefused(new("a\ud800", "value"));
        ShouldBeRefused(new("key", "a\ud800"));
    }

    private static void ShouldBeRefused(KeyValuePair<string, string> pair)
    {
        var act = () => Metadata.SetItems([new("good", "1"), pair]);

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("pairs");
    }
}
