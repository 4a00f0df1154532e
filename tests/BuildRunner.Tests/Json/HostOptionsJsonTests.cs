using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Tests.Json;

public sealed class HostOptionsJsonTests
{
    private static readonly JsonSerializerOptions EnumsAsNames = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private static readonly JsonSerializerOptions GeneratedEnumsAsNames = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter<BuildStatus>() },
        TypeInfoResolver = WireContext.Default,
    };

    [Theory]
    [MemberData(nameof(Hosts.Names), MemberType = typeof(Hosts))]
    public void The_options_of_the_host_make_no_difference_to_what_is_written_and_read(string host)
    {
        foreach (var (type, json) in Wire.Forms.Select(form => form.Data))
        {
            var expected = JsonSerializer.Deserialize(json, type);

            var read = JsonSerializer.Deserialize(json, type, Hosts.Named(host));
            var written = JsonSerializer.Serialize(read, type, Hosts.Named(host));

            read.Should().Be(expected);
            written.Should().Be(json);
        }
    }

    [Theory]
    [MemberData(nameof(Hosts.Names), MemberType = typeof(Hosts))]
    public void The_options_of_the_host_make_no_difference_to_nulls_duplicates_and_types(string host)
    {
        var options = Hosts.Named(host);

        JsonSerializer.Deserialize<BuildRequest>("""{"base":null,"head":[],"metadata":null,"trigger_key":null}""", options).Should().Be(new BuildRequest());
        JsonSerializer.Deserialize<BuildSnapshot>("""{"status":"Failed"}""", options).Should().Be(new BuildSnapshot { Status = BuildStatus.Unknown });
        ShouldBeMalformed<BuildId>("""{"id":"a","id":"a"}""", options);
        ShouldBeMalformed<BuildRequest>("""{"head":null}""", options);
        ShouldBeMalformed<BuildSnapshot>("""{"status":"failed","poll_after":5}""", options);
        ShouldBeMalformed<BuildMetadata>("""{"a":"1","a":"1"}""", options);
        ShouldBeMalformed<BuildStatus>("2", options);
    }

    [Fact]
    public void A_converter_of_the_host_for_all_enums_does_not_reach_into_a_snapshot()
    {
        foreach (var options in new[] { EnumsAsNames, GeneratedEnumsAsNames })
        {
            JsonSerializer.Serialize(new BuildSnapshot { Status = BuildStatus.Running }, options).Should().Be("""{"status":"running","metadata":{},"poll_after":null}""");
            JsonSerializer.Deserialize<BuildSnapshot>("""{"status":"Running"}""", options).Should().Be(new BuildSnapshot { Status = BuildStatus.Unknown });
            ShouldBeMalformed<BuildSnapshot>("""{"status":2}""", options);
        }
    }

    [Fact]
    public void A_converter_of_the_host_for_all_enums_wins_over_ours_on_a_status_that_stands_alone()
    {
        JsonSerializer.Serialize(BuildStatus.Running, EnumsAsNames).Should().Be("\"Running\"");
    }

    [Fact]
    public void A_members_own_attribute_wins_over_a_converter_of_the_host()
    {
        JsonSerializer.Serialize(new Row(BuildStatus.Running), EnumsAsNames).Should().Be("""{"status":"running"}""");
        typeof(BuildSnapshot).GetProperty(nameof(BuildSnapshot.Status))!.GetCustomAttributes(typeof(JsonConverterAttribute), inherit: false).Should().ContainSingle();
    }

    [Fact]
    public void Comments_and_trailing_commas_are_read_where_the_host_allows_them()
    {
        var options = new JsonSerializerOptions { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

        JsonSerializer.Deserialize<BuildMetadata>("""/*a*/{/*b*/"x":/*d*/"1"/*e*/,/*f*/}/*g*/""", options)!.Equals([new("x", "1")]).Should().BeTrue();
        JsonSerializer.Deserialize<Change>("""{"more":/**/[/**/],"uris":[/**/"git:a"/**/,/**/],}""", options).Should().Be(new Change("git:a"));
    }

    private static void ShouldBeMalformed<T>(string json, JsonSerializerOptions options)
    {
        var act = () => JsonSerializer.Deserialize<T>(json, options);

        act.Should().Throw<JsonException>();
    }

    private sealed record Row([property: JsonConverter(typeof(BuildStatusJsonConverter))] BuildStatus Status);
}
