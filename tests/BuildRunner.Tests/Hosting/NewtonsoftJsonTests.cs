using BuildRunner.Tests.Documentation;
using Newtonsoft.Json;

namespace BuildRunner.Tests.Hosting;

/// <summary>The types in Newtonsoft.Json, as described on the page about the wire format.</summary>
public sealed class NewtonsoftJsonTests
{
    private static readonly BuildRequest Request = new() { Head = [new(["git:a", "git:b"])], Metadata = [new("queue", "main")], TriggerKey = "k" };
    private static readonly BuildSnapshot Snapshot = new() { Status = BuildStatus.Running, Metadata = [new("queue", "main")], PollAfter = TimeSpan.FromSeconds(5) };

    private static readonly JsonSerializerSettings WithConverter = new() { Converters = { PageType.Create<JsonConverter>("doc/wire-format.md", "BuildRunnerConverter") } };

    public static TheoryData<object> Values => [Request.Metadata, Request.Head[0], Request, new BuildRequest(), Snapshot];

    public static TheoryData<Type, string> Texts => new()
    {
        { typeof(BuildMetadata), "{}" },
        { typeof(BuildMetadata), """{"queue":"main"}""" },
        { typeof(BuildMetadata), """{"pairs":[{"Key":"queue","Value":"main"}]}""" },
        { typeof(Change), """{"uris":["git:a"]}""" },
        { typeof(Change), """{"Uris":["git:a"]}""" },
        { typeof(BuildRequest), "{}" },
        { typeof(BuildRequest), """{"heads":[{"uris":["git:a"]}]}""" },
        { typeof(BuildRequest), """{"Head":[],"TriggerKey":"k"}""" },
        { typeof(BuildSnapshot), "{}" },
        { typeof(BuildSnapshot), """{"state":"running"}""" },
        { typeof(BuildSnapshot), """{"Status":2}""" },
    };

    public static TheoryData<Type, string> TextsLikeDates => new()
    {
        { typeof(BuildId), """{"id":"2026-11-30T01:02:03.5Z"}""" },
        { typeof(BuildId), """{"id":"/Date(0)/"}""" },
        { typeof(BuildMetadata), """{"2026-11-30T01:02:03Z":"2026-11-30T01:02:03-05:00","day":"2026-11-30T00:00:00.000"}""" },
        { typeof(BuildRequest), """{"base":[],"head":[],"metadata":{"at":"2026-11-30T01:02:03.50Z"},"trigger_key":"2026-11-30T01:02:03.50Z"}""" },
        { typeof(BuildSnapshot), """{"status":"running","metadata":{"at":"2026-11-30T01:02:03.50Z"},"poll_after":null}""" },
    };

    [Fact]
    public void An_id_is_its_bare_value()
    {
        JsonConvert.SerializeObject(new BuildId("noop-1")).Should().Be("\"noop-1\"");
        JsonConvert.DeserializeObject<BuildId>("\"noop-1\"").Should().Be(new BuildId("noop-1"));
        JsonConvert.DeserializeObject<BuildId?>("\"noop-1\"").Should().Be(new BuildId("noop-1"));
        JsonConvert.DeserializeObject<BuildId?>("null").Should().BeNull();
    }

    [Fact]
    public void An_id_is_a_key_of_a_dictionary()
    {
        Dictionary<BuildId, string> names = new() { [new("noop-1")] = "one", [new("NOOP-1")] = "two" };

        var json = JsonConvert.SerializeObject(names);

        json.Should().Be("""{"noop-1":"one","NOOP-1":"two"}""");
        JsonConvert.DeserializeObject<Dictionary<BuildId, string>>(json).Should().Equal(names);
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\" \"")]
    [InlineData("""{"id":"noop-1"}""")]
    [InlineData("""{"Value":"noop-1"}""")]
    [InlineData("1")]
    [InlineData("null")]
    public void An_id_of_anything_else_fails(string json)
    {
        var act = () => JsonConvert.DeserializeObject<BuildId>(json);

        act.Should().Throw<JsonException>();
    }

    [Fact]
    public void A_status_survives()
    {
        JsonConvert.DeserializeObject<BuildStatus>(JsonConvert.SerializeObject(BuildStatus.Failed)).Should().Be(BuildStatus.Failed);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void No_other_value_is_written(object value)
    {
        var act = () => JsonConvert.SerializeObject(value);

        act.Should().Throw<Exception>().Which.GetBaseException().Should().BeOfType<NotSupportedException>();
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void No_other_value_is_read(Type type, string json)
    {
        var act = () => JsonConvert.DeserializeObject(json, type);

        act.Should().Throw<Exception>().Which.GetBaseException().Should().Match<Exception>(exception => exception is NotSupportedException || exception is JsonSerializationException);
    }

    [Theory]
    [MemberData(nameof(Json.Wire.Forms), MemberType = typeof(Json.Wire))]
    [MemberData(nameof(TextsLikeDates))]
    public void With_the_converter_of_the_page_every_type_has_its_wire_form(Type type, string json)
    {
        var read = JsonConvert.DeserializeObject(json, type, WithConverter);

        read.Should().Be(System.Text.Json.JsonSerializer.Deserialize(json, type));
        JsonConvert.SerializeObject(read, WithConverter).Should().Be(json);
    }

    [Fact]
    public void With_the_converter_of_the_page_the_host_still_reads_its_own_dates()
    {
        const string Json = """{"Id":{"id":"2026-11-30T01:02:03.50Z"},"At":"2026-11-30T01:02:03.50Z"}""";

        var row = JsonConvert.DeserializeObject<Row>(Json, WithConverter)!;

        row.Id.Should().Be(new BuildId("2026-11-30T01:02:03.50Z"));
        row.At.Should().BeOfType<DateTime>();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"heads":[{"uris":["git:a"]}]}""")]
    [InlineData("""{"head":[],"head":[]}""")]
    public void With_the_converter_of_the_page_a_malformed_request_is_refused(string json)
    {
        var act = () => JsonConvert.DeserializeObject<BuildRequest>(json, WithConverter);

        act.Should().Throw<System.Text.Json.JsonException>();
    }

    private sealed record Row(BuildId Id, object At);
}
