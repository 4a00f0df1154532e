using System.Text;
using System.Text.Json;

namespace BuildRunner.Tests.Json;

/// <summary>Writes and reads by reflection, under web defaults and by source generation, which must not make a difference.</summary>
internal static class Wire
{
    private static readonly JsonSerializerOptions[] Ways = [JsonSerializerOptions.Default, JsonSerializerOptions.Web, WireContext.Default.Options];

    /// <summary>Gets a text of every type that is written again just as it was read.</summary>
    public static TheoryData<Type, string> Forms => new()
    {
        { typeof(BuildId), """{"id":"noop-1"}""" },
        { typeof(BuildStatus), "\"running\"" },
        { typeof(BuildMetadata), """{"queue":"main","Attempt":"","":"x"}""" },
        { typeof(Change), """{"uris":["git://host/a","git://host/b"]}""" },
        {
            typeof(BuildRequest),
            """{"base":[{"uris":["git://host/a"]}],"head":[{"uris":["git://host/b","git://host/c"]}],"metadata":{"Queue":"main"},"trigger_key":"key"}"""
        },
        { typeof(BuildRequest), """{"base":[],"head":[],"metadata":{},"trigger_key":null}""" },
        { typeof(BuildSnapshot), """{"status":"failed","metadata":{"failure_kind":"code"},"poll_after":"00:00:05"}""" },
        { typeof(BuildSnapshot), """{"status":"","metadata":{},"poll_after":null}""" },
    };

    public static void ShouldBeWritten<T>(T value, string json)
    {
        foreach (var options in Ways)
        {
            JsonSerializer.Serialize(value, options).Should().Be(json);
        }
    }

    public static void ShouldNotBeWritten<T>(T value)
    {
        foreach (var options in Ways)
        {
            var act = () => JsonSerializer.Serialize(value, options);

            act.Should().ThrowExactly<JsonException>();
        }
    }

    public static void ShouldBeRead<T>(string json, T expected)
    {
        foreach (var options in Ways)
        {
            object? read = JsonSerializer.Deserialize<T>(Encoding.UTF8.GetBytes(json), options);

            read.Should().Be(expected);
        }
    }

    public static void ShouldBeMalformed<T>(string json) => ShouldBeMalformed<T>(Encoding.UTF8.GetBytes(json));

    public static void ShouldBeMalformed<T>(byte[] json)
    {
        foreach (var options in Ways)
        {
            var act = () => JsonSerializer.Deserialize<T>(json, options);

            act.Should().Throw<JsonException>();
        }
    }
}
