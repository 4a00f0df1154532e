namespace BuildRunner.Tests.Builds;

public sealed class BuildMetadataTests
{
    [Fact]
    public void It_is_made_of_a_dictionary()
    {
        var metadata = new BuildMetadata(new Dictionary<string, string> { ["queue"] = "main", ["attempt"] = "2" });

        metadata.Count.Should().Be(2);
        metadata["queue"].Should().Be("main");
        metadata["attempt"].Should().Be("2");
    }

    [Fact]
    public void It_is_made_of_a_collection_expression()
    {
        BuildMetadata metadata = [new("queue", "main"), new("attempt", "2")];

        metadata.Should().Be(new BuildMetadata([new("queue", "main"), new("attempt", "2")]));
    }

    [Fact]
    public void An_empty_collection_expression_is_the_empty_instance()
    {
        BuildMetadata metadata = [];

        metadata.Should().BeSameAs(BuildMetadata.Empty);
    }

    [Fact]
    public void Null_is_the_same_as_empty()
    {
        var metadata = new BuildMetadata(null);

        metadata.Equals(BuildMetadata.Empty).Should().BeTrue();
        metadata.Count.Should().Be(0);
    }

    [Fact]
    public void The_pairs_keep_their_order()
    {
        BuildMetadata metadata = [new("c", "3"), new("a", "1"), new("b", "2")];

        List<string> pairs = [];
        foreach (var (key, value) in metadata)
        {
            pairs.Add(key + value);
        }

        metadata.Keys.Should().Equal("c", "a", "b");
        pairs.Should().Equal("c3", "a1", "b2");
    }

    [Fact]
    public void It_is_spread_into_a_collection_expression()
    {
        BuildMetadata metadata = [new("queue", "main")];

        BuildMetadata more = [.. metadata, new("attempt", "2")];

        more.Should().Be(new BuildMetadata([new("queue", "main"), new("attempt", "2")]));
    }

    [Fact]
    public void It_is_copied_into_a_dictionary_that_is_the_callers()
    {
        BuildMetadata metadata = [new("queue", "main"), new("Queue", "other")];

        var copy = metadata.ToDictionary();

        copy.Should().Equal(new Dictionary<string, string> { ["queue"] = "main", ["Queue"] = "other" });
        copy["queue"] = "changed";
        metadata["queue"].Should().Be("main");
    }

    [Fact]
    public void It_does_not_follow_its_source()
    {
        Dictionary<string, string> source = new() { ["queue"] = "main" };
        KeyValuePair<string, string>[] pairs = [new("queue", "main")];
        var ofDictionary = new BuildMetadata(source);
        var ofPairs = new BuildMetadata(pairs);
        var ofSpan = BuildMetadata.Create(pairs);

        source["queue"] = "other";
        source["more"] = "1";
        pairs[0] = new("other", "other");

        ofDictionary.Equals([new("queue", "main")]).Should().BeTrue();
        ofPairs.Equals([new("queue", "main")]).Should().BeTrue();
        ofSpan.Equals([new("queue", "main")]).Should().BeTrue();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" ", "\0\n")]
    [InlineData("🚀", "é")]
    public void Any_well_formed_text_is_a_key_and_a_value(string key, string value)
    {
        BuildMetadata metadata = [new(key, value)];

        metadata[key].Should().Be(value);
    }

    [Fact]
    public void A_null_key_is_refused()
    {
        ShouldBeRefused([new(null!, "value")]);
    }

    [Fact]
    public void A_null_value_is_refused()
    {
        ShouldBeRefused([new("key", null!)]);
    }

    [Fact]
    public void A_repeated_key_is_refused()
    {
        ShouldBeRefused([new("key", "1"), new("other", "2"), new("key", "1")]);
    }

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDFFF)]
    public void An_ill_formed_key_is_refused(int surrogate)
    {
        ShouldBeRefused([new($"a{(char)surrogate}", "value")]);
    }

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDFFF)]
    public void An_ill_formed_value_is_refused_without_being_shown(int surrogate)
    {
        var exception = ShouldBeRefused([new("key", $"hunter2{(char)surrogate}")]);

        exception.ToString().Should().NotContain("hunter2");
    }

    [Fact]
    public void A_repeated_key_is_refused_without_showing_a_value()
    {
        var exception = ShouldBeRefused([new("key", "hunter2"), new("key", "hunter2")]);

        exception.ToString().Should().NotContain("hunter2");
    }

    [Fact]
    public void Keys_are_compared_with_their_case()
    {
        BuildMetadata metadata = [new("key", "1"), new("KEY", "2")];

        metadata["key"].Should().Be("1");
        metadata["KEY"].Should().Be("2");
        metadata.ContainsKey("Key").Should().BeFalse();
    }

    [Fact]
    public void A_key_that_is_not_there_cannot_be_looked_up()
    {
        BuildMetadata metadata = [new("key", "hunter2")];

        var act = () => metadata["other"];

        act.Should().Throw<KeyNotFoundException>().Which.ToString().Should().NotContain("hunter2");
        metadata.TryGetValue("other", out var value).Should().BeFalse();
        value.Should().BeNull();
        metadata.GetValueOrDefault("other").Should().BeNull();
        metadata.GetValueOrDefault("other", "none").Should().Be("none");
        metadata.ContainsKey("other").Should().BeFalse();
    }

    [Fact]
    public void A_key_that_is_there_can_be_looked_up()
    {
        BuildMetadata metadata = [new("key", "value")];

        metadata.TryGetValue("key", out var value).Should().BeTrue();
        value.Should().Be("value");
        metadata.GetValueOrDefault("key", "none").Should().Be("value");
        metadata.ContainsKey("key").Should().BeTrue();
    }

    [Fact]
    public void A_null_key_cannot_be_looked_up()
    {
        BuildMetadata metadata = [new("key", "value")];

        var get = () => metadata[null!];
        var tryGet = () => metadata.TryGetValue(null!, out _);
        var contains = () => metadata.ContainsKey(null!);
        var getOrDefault = () => metadata.GetValueOrDefault(null!);

        get.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("key");
        tryGet.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("key");
        contains.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("key");
        getOrDefault.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("key");
    }

    [Fact]
    public void No_list_that_it_hands_out_can_be_changed()
    {
        BuildMetadata metadata = [new("key", "value")];

        foreach (var handedOut in new object[] { metadata, metadata.Keys })
        {
            (handedOut as ICollection<string>)?.IsReadOnly.Should().BeTrue();
            (handedOut as ICollection<KeyValuePair<string, string>>)?.IsReadOnly.Should().BeTrue();
            (handedOut is IDictionary<string, string> or string[] or List<string>).Should().BeFalse();
        }
    }

    private static ArgumentException ShouldBeRefused(KeyValuePair<string, string>[] pairs)
    {
        var construct = () => new BuildMetadata(pairs);
        var create = () => BuildMetadata.Create(pairs);

        create.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("pairs");
        var exception = construct.Should().ThrowExactly<ArgumentException>().Which;
        exception.ParamName.Should().Be("pairs");
        return exception;
    }
}
