using System.Text;
using System.Text.Json;

namespace BuildRunner.Tests.Json;

public sealed class ConverterReadTests
{
    public static TheoryData<Type> Types => [.. ConverterRead.Types];

    [Theory]
    [MemberData(nameof(StreamingJsonTests.FormsWithMore), MemberType = typeof(StreamingJsonTests))]
    public void A_value_is_read_from_one_block_from_a_block_that_is_not_the_last_and_from_many(Type type, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var expected = JsonSerializer.Deserialize(json, type);

        ConverterRead.Read(type, bytes).Should().Be(expected);
        ConverterRead.Read(type, bytes, isFinalBlock: false).Should().Be(expected);
        ConverterRead.ReadSegments(type, bytes).Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(StreamingJsonTests.FormsWithMore), MemberType = typeof(StreamingJsonTests))]
    public void A_value_that_breaks_off_anywhere_is_refused(Type type, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);

        for (var length = 1; length < bytes.Length; length++)
        {
            var part = bytes[..length];

            foreach (var act in new Func<object?>[]
            {
                () => ConverterRead.Read(type, part),
                () => ConverterRead.Read(type, part, isFinalBlock: false),
                () => ConverterRead.ReadSegments(type, part),
            })
            {
                act.Should().Throw<JsonException>();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Wire.Forms), MemberType = typeof(Wire))]
    public void The_reader_stops_at_the_end_of_the_value(Type type, string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"[{json},\"next\"]"));
        reader.Read();
        reader.Read();

        ConverterRead.Read(type, ref reader);
        reader.Read();

        reader.GetString().Should().Be("next");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_reader_that_has_not_begun_is_refused(Type type)
    {
        var act = () =>
        {
            var reader = new Utf8JsonReader("{}"u8);
            return ConverterRead.Read(type, ref reader);
        };

        act.Should().ThrowExactly<JsonException>();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_reader_that_stands_elsewhere_is_refused(Type type)
    {
        foreach (var json in new[] { "null", "1", "true", "false", "[]", type == typeof(BuildStatus) ? "{}" : "\"\"" })
        {
            var act = () => ConverterRead.Read(type, Encoding.UTF8.GetBytes(json));

            act.Should().ThrowExactly<JsonException>();
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_reader_that_stands_inside_an_object_is_refused(Type type)
    {
        var act = () =>
        {
            var reader = Advanced("""{"more":1,"id":"noop-1","status":"failed","uris":["git:a"]}""", 3);
            return ConverterRead.Read(type, ref reader);
        };

        act.Should().ThrowExactly<JsonException>();
    }

    [Theory]
    [InlineData(typeof(BuildId), """{/**/"more":/**/[/**/1]/**/,/**/"id":/**/"noop-1"/**/,"last":/**/1/**/}""", """{"id":"noop-1"}""")]
    [InlineData(typeof(BuildMetadata), """{"a":"1"/**/,/**/"b":/**/"2"/**/}""", """{"a":"1","b":"2"}""")]
    [InlineData(typeof(Change), """{"uris":/**/[/**/"git:a"/**/,/**/"git:b"/**/]/**/}""", """{"uris":["git:a","git:b"]}""")]
    [InlineData(typeof(BuildRequest), """{"more":/**/{/**/},/**/"base":/**/[/**/{"uris":["git:a"]}/**/],"head":/**/[/**/],"trigger_key":/**/"k"}""", """{"base":[{"uris":["git:a"]}],"head":[],"trigger_key":"k"}""")]
    [InlineData(typeof(BuildSnapshot), """{"status":/**/"failed"/**/,"poll_after":/**/"00:00:05"/**/}""", """{"status":"failed","poll_after":"00:00:05"}""")]
    public void Comments_are_passed_over_where_the_reader_reports_them(Type type, string json, string plain)
    {
        var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Allow };

        ConverterRead.Read(type, Encoding.UTF8.GetBytes(json), options: options).Should().Be(JsonSerializer.Deserialize(plain, type));
    }

    [Fact]
    public void The_name_of_a_member_is_read_as_an_id_and_as_a_status()
    {
        var reader = new Utf8JsonReader("""{"f\u0061iled":1}"""u8);
        reader.Read();
        reader.Read();

        new BuildIdJsonConverter().ReadAsPropertyName(ref reader, typeof(BuildId), JsonSerializerOptions.Default).Should().Be(new BuildId("failed"));
        new BuildStatusJsonConverter().ReadAsPropertyName(ref reader, typeof(BuildStatus), JsonSerializerOptions.Default).Should().Be(BuildStatus.Failed);
    }

    [Theory]
    [InlineData("""{"\ud800":1}""", 2)]
    [InlineData("""{"a":1}""", 3)]
    [InlineData("""{"a":1}""", 1)]
    [InlineData("""{"a":1}""", 0)]
    public void What_is_no_name_of_a_member_is_refused_as_an_id_and_as_a_status(string json, int reads)
    {
        var asId = () =>
        {
            var reader = Advanced(json, reads);
            return new BuildIdJsonConverter().ReadAsPropertyName(ref reader, typeof(BuildId), JsonSerializerOptions.Default);
        };
        var asStatus = () =>
        {
            var reader = Advanced(json, reads);
            return new BuildStatusJsonConverter().ReadAsPropertyName(ref reader, typeof(BuildStatus), JsonSerializerOptions.Default);
        };

        asId.Should().ThrowExactly<JsonException>();
        asStatus.Should().ThrowExactly<JsonException>();
    }

    private static Utf8JsonReader Advanced(string json, int reads)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        for (var read = 0; read < reads; read++)
        {
            reader.Read();
        }

        return reader;
    }
}
