using System.Text;
using System.Text.Json;

namespace BuildRunner.Tests.Json;

public sealed class SourceGenerationJsonTests
{
    private const string FullJson =
        """{"Id":{"id":"noop-1"},"Previous":{"id":"noop-0"},"Status":"running","LastStatus":"","Metadata":{"a":"1"},"Change":{"uris":["git:a"]}"""
        + """
          ,"Request":{"base":[],"head":[{"uris":["git:a"]}],"metadata":{},"trigger_key":"k"},"Snapshot":{"status":"failed","metadata":{},"poll_after":null}
          """
        + """
          ,"Names":{"noop-1":"one"},"Counts":{"failed":2,"":1},"Ids":[{"id":"noop-1"}],"Changes":[{"uris":["git:a"]},null]}
          """;

    private static readonly Envelope Full = new()
    {
        Id = new("noop-1"),
        Previous = new("noop-0"),
        Status = BuildStatus.Running,
        LastStatus = BuildStatus.Unknown,
        Metadata = [new("a", "1")],
        Change = new("git:a"),
        Request = new() { Head = [new("git:a")], TriggerKey = "k" },
        Snapshot = new() { Status = BuildStatus.Failed },
        Names = new() { [new("noop-1")] = "one" },
        Counts = new() { [BuildStatus.Failed] = 2, [BuildStatus.Unknown] = 1 },
        Ids = [new("noop-1")],
        Changes = [new("git:a"), null],
    };

    [Fact]
    public void A_message_of_a_consumer_has_the_same_bytes_by_both_ways()
    {
        JsonSerializer.Serialize(Full).Should().Be(FullJson);
        JsonSerializer.Serialize(Full, WireContext.Default.Envelope).Should().Be(FullJson);
    }

    [Theory]
    [InlineData(FullJson)]
    [InlineData("""{"Id":{"id":"noop-1"},"Names":{},"Counts":{},"Ids":[],"Changes":[]}""")]
    [InlineData("""{"Id":{"id":"noop-1"},"Previous":null,"LastStatus":null,"Metadata":null,"Change":null,"Request":null,"Snapshot":null,"Names":null,"Counts":null,"Ids":null,"Changes":null}""")]
    [InlineData("""{"Request":{"head":[]},"Snapshot":{"status":"x"},"Metadata":{}}""")]
    [InlineData("""{"Request":{"base":null,"head":[],"metadata":null,"trigger_key":null},"Snapshot":{"status":"","metadata":null,"poll_after":null}}""")]
    [InlineData("{}")]
    public void A_message_of_a_consumer_is_the_same_object_by_both_ways(string json)
    {
        var reflected = JsonSerializer.Deserialize<Envelope>(json);
        var generated = JsonSerializer.Deserialize(json, WireContext.Default.Envelope);

        generated.Should().BeEquivalentTo(reflected);
        Compared(generated!).Should().Equal(Compared(reflected!));
    }

    [Fact]
    public void A_full_message_is_read_back_whole()
    {
        var generated = JsonSerializer.Deserialize(FullJson, WireContext.Default.Envelope);

        generated.Should().BeEquivalentTo(Full);
        Compared(generated!).Should().Equal(Compared(Full));
    }

    [Fact]
    public void An_empty_message_has_a_default_id_and_nothing_else()
    {
        var generated = JsonSerializer.Deserialize("{}", WireContext.Default.Envelope);

        generated.Should().Be(new Envelope());
        generated!.Id.IsDefault.Should().BeTrue();
    }

    [Theory]
    [InlineData("""{"Id":null}""")]
    [InlineData("""{"Id":{}}""")]
    [InlineData("""{"Id":"noop-1"}""")]
    [InlineData("""{"Previous":{"id":null}}""")]
    [InlineData("""{"Status":null}""")]
    [InlineData("""{"Status":2}""")]
    [InlineData("""{"LastStatus":2}""")]
    [InlineData("""{"Names":{"":"one"}}""")]
    [InlineData("""{"Counts":{"failed":"one"}}""")]
    [InlineData("""{"Ids":[null]}""")]
    [InlineData("""{"Snapshot":{}}""")]
    [InlineData("""{"Change":{}}""")]
    public void A_malformed_message_is_refused_by_both_ways(string json)
    {
        Wire.ShouldBeMalformed<Envelope>(json);
    }

    [Theory]
    [MemberData(nameof(Wire.Forms), MemberType = typeof(Wire))]
    public void The_bytes_are_the_same_by_both_ways(Type type, string json)
    {
        var reflected = JsonSerializer.Deserialize(json, type);
        var generated = JsonSerializer.Deserialize(json, type, WireContext.Default);

        generated.Should().Be(reflected);
        JsonSerializer.SerializeToUtf8Bytes(generated, type, WireContext.Default).Should().Equal(Encoding.UTF8.GetBytes(json));
        JsonSerializer.SerializeToUtf8Bytes(reflected, type).Should().Equal(Encoding.UTF8.GetBytes(json));
    }

    // By the equality of the types themselves, beside the comparison member by member.
    private static object?[] Compared(Envelope envelope) =>
        [envelope.Id, envelope.Previous, envelope.Status, envelope.LastStatus, envelope.Metadata, envelope.Change, envelope.Request, envelope.Snapshot];
}
