using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.Tests.Json;

public sealed class IllFormedTextJsonTests
{
    private const byte Placeholder = (byte)'?';

    /// <summary>Gets every place of a text in the wire forms, marked by a question mark.</summary>
    public static TheoryData<Type, string> Places => new()
    {
        { typeof(BuildId), """{"id":"?"}""" },
        { typeof(BuildStatus), "\"?\"" },
        { typeof(BuildMetadata), """{"?":"value"}""" },
        { typeof(BuildMetadata), """{"key":"?"}""" },
        { typeof(Change), """{"uris":["git://host/?"]}""" },
        { typeof(BuildRequest), """{"head":[],"base":[{"uris":["git:?"]}]}""" },
        { typeof(BuildRequest), """{"head":[{"uris":["git:?"]}]}""" },
        { typeof(BuildRequest), """{"head":[],"metadata":{"?":"value"}}""" },
        { typeof(BuildRequest), """{"head":[],"metadata":{"key":"?"}}""" },
        { typeof(BuildRequest), """{"head":[],"trigger_key":"?"}""" },
        { typeof(BuildSnapshot), """{"status":"?"}""" },
        { typeof(BuildSnapshot), """{"status":"failed","metadata":{"key":"?"}}""" },
        { typeof(BuildSnapshot), """{"status":"failed","poll_after":"?"}""" },
        { typeof(Dictionary<BuildId, string>), """{"?":"value"}""" },
        { typeof(Dictionary<BuildStatus, int>), """{"?":1}""" },
    };

    public static TheoryData<Type, string> UnknownNames => new()
    {
        { typeof(BuildId), """{"?":1,"id":"noop-1"}""" },
        { typeof(Change), """{"?":1,"uris":["git:a"]}""" },
        { typeof(BuildRequest), """{"?":1,"head":[]}""" },
        { typeof(BuildSnapshot), """{"?":1,"status":"failed"}""" },
    };

    public static TheoryData<Type, string> UnknownValues => new()
    {
        { typeof(BuildId), """{"more":"?","id":"noop-1"}""" },
        { typeof(Change), """{"more":["?"],"uris":["git:a"]}""" },
        { typeof(BuildRequest), """{"more":{"?":"?"},"head":[]}""" },
        { typeof(BuildSnapshot), """{"more":"?","status":"failed"}""" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Ill_formed_text_is_refused_in_every_place(Type type, string place)
    {
        foreach (var text in IllFormedTexts())
        {
            ShouldBeMalformed(type, Put(text, place));
        }
    }

    [Theory]
    [MemberData(nameof(UnknownNames))]
    public void An_escaped_lone_surrogate_in_the_name_of_a_member_is_refused(Type type, string place)
    {
        ShouldBeMalformed(type, Put("""\ud800"""u8, place));
        ShouldBeMalformed(type, Put("""\udc00"""u8, place));
    }

    [Theory]
    [MemberData(nameof(UnknownValues))]
    public void Ill_formed_text_in_a_member_without_meaning_is_passed_over(Type type, string place)
    {
        var expected = JsonSerializer.Deserialize(Put("x"u8, place), type);

        foreach (var text in IllFormedTexts())
        {
            JsonSerializer.Deserialize(Put(text, place), type).Should().Be(expected);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_text_that_is_not_closed_or_has_a_raw_control_character_or_a_wrong_escape_is_refused(Type type, string place)
    {
        ShouldBeMalformed(type, Put("\n"u8, place));
        ShouldBeMalformed(type, Put("\0"u8, place));
        ShouldBeMalformed(type, Put("\\"u8, place));
        ShouldBeMalformed(type, Put("\""u8, place));
        ShouldBeMalformed(type, Put("""\x"""u8, place));
        ShouldBeMalformed(type, Put("""\u00g0"""u8, place));
        ShouldBeMalformed(type, Put("""\u12"""u8, place));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_document_with_a_lone_surrogate_is_refused_too(Type type, string place)
    {
        using var document = JsonDocument.Parse(Put("""\ud800"""u8, place));

        var act = () => document.Deserialize(type);

        act.Should().Throw<JsonException>();
    }

    [Fact]
    public void The_serialiser_itself_refuses_a_string_with_a_lone_surrogate_as_an_argument()
    {
        var act = () => JsonSerializer.Deserialize<BuildId>("{\"id\":\"\ud800\"}");

        act.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void The_serialiser_itself_cannot_read_a_node_with_a_lone_surrogate()
    {
        var node = JsonNode.Parse("""{"id":"\ud800"}""");

        var act = () => node.Deserialize<BuildId>();

        act.Should().Throw<InvalidOperationException>();
    }

    private static byte[][] IllFormedTexts() =>
    [
        [.. """\ud800"""u8],
        [.. """\udfff"""u8],
        [.. """a\uD800b"""u8],
        [.. """\udc00\ud800"""u8],
        [0xFF],
        [0xC3],
        [0x80],
        [0xC0, 0xAF],
        [0xED, 0xA0, 0x80],
        [0xF0, 0x9F, 0x9A],
        [0xF4, 0x90, 0x80, 0x80],
    ];

    private static byte[] Put(ReadOnlySpan<byte> text, string place)
    {
        List<byte> json = [];
        foreach (var unit in Encoding.UTF8.GetBytes(place))
        {
            json.AddRange(unit == Placeholder ? text : [unit]);
        }

        return [.. json];
    }

    private static void ShouldBeMalformed(Type type, byte[] json)
    {
        var reflected = () => JsonSerializer.Deserialize(json, type);
        var generated = () => JsonSerializer.Deserialize(json, type, WireContext.Default);

        reflected.Should().Throw<JsonException>();
        generated.Should().Throw<JsonException>();
    }
}
