using System.Text.Json;

namespace BuildRunner.Tests.Json;

public sealed class BuildMetadataJsonTests
{
    [Fact]
    public void Metadata_is_a_flat_object_in_the_order_of_its_pairs()
    {
        BuildMetadata metadata = [new("z", "1"), new("Queue Name", "a\nb"), new("", ""), new("a", "🚀")];

        Wire.ShouldBeWritten(metadata, """{"z":"1","Queue Name":"a\nb","":"","a":"\uD83D\uDE80"}""");
    }

    [Fact]
    public void The_order_of_the_members_is_kept()
    {
        var metadata = JsonSerializer.Deserialize<BuildMetadata>("""{"z":"1","a":"2","m":"3"}""");

        metadata!.Keys.Should().Equal("z", "a", "m");
    }

    [Fact]
    public void An_empty_object_is_the_empty_instance()
    {
        Wire.ShouldBeWritten(BuildMetadata.Empty, "{}");
        JsonSerializer.Deserialize<BuildMetadata>("{}").Should().BeSameAs(BuildMetadata.Empty);
    }

    [Fact]
    public void Null_is_null()
    {
        Wire.ShouldBeWritten<BuildMetadata?>(null, "null");
        Wire.ShouldBeRead<BuildMetadata?>("null", null);
    }

    [Fact]
    public void Keys_that_differ_in_case_are_two_keys()
    {
        Wire.ShouldBeRead<BuildMetadata>("""{"key":"1","KEY":"2","Key":"3"}""", [new("key", "1"), new("KEY", "2"), new("Key", "3")]);
    }

    [Theory]
    [InlineData("""{"key":"1","key":"1"}""")]
    [InlineData("""{"key":"1","other":"2","k\u0065y":"3"}""")]
    [InlineData("""{"":"1","":"1"}""")]
    public void A_repeated_key_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildMetadata>(json);
    }

    [Theory]
    [InlineData("""{"key":null}""")]
    [InlineData("""{"key":1}""")]
    [InlineData("""{"key":true}""")]
    [InlineData("""{"key":{}}""")]
    [InlineData("""{"key":[]}""")]
    [InlineData("""{"key":["1"]}""")]
    [InlineData("""{"good":"1","key":{"deep":"2"}}""")]
    public void A_value_that_is_no_text_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildMetadata>(json);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"key":"queue","value":"main"}]""")]
    [InlineData("\"queue\"")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("{\"key\"}")]
    [InlineData("{\"key\":}")]
    [InlineData("{\"key\":\"1\"")]
    [InlineData("")]
    public void Anything_but_an_object_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildMetadata>(json);
    }
}
