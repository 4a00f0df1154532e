using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Tests.Json;

/// <summary>Reads through the public converters themselves, without the serialiser, which would catch what they throw.</summary>
internal static class ConverterRead
{
    private static readonly Dictionary<Type, Reading> Converters = new()
    {
        [typeof(BuildId)] = Through(new BuildIdJsonConverter()),
        [typeof(BuildStatus)] = Through(new BuildStatusJsonConverter()),
        [typeof(BuildMetadata)] = Through(new BuildMetadataJsonConverter()),
        [typeof(Change)] = Through(new ChangeJsonConverter()),
        [typeof(BuildRequest)] = Through(new BuildRequestJsonConverter()),
        [typeof(BuildSnapshot)] = Through(new BuildSnapshotJsonConverter()),
    };

    private delegate object? Reading(ref Utf8JsonReader reader);

    public static IEnumerable<Type> Types => Converters.Keys;

    /// <summary>Reads the value at which the reader stands.</summary>
    public static object? Read(Type type, ref Utf8JsonReader reader) => Converters[type](ref reader);

    /// <summary>Reads one value from the beginning of the bytes.</summary>
    public static object? Read(Type type, byte[] json, bool isFinalBlock = true, JsonReaderOptions options = default)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock, new JsonReaderState(options));
        reader.Read();
        return Read(type, ref reader);
    }

    /// <summary>Reads one value from bytes that are each in a separate segment.</summary>
    public static object? ReadSegments(Type type, byte[] json)
    {
        var reader = new Utf8JsonReader(Split(json));
        reader.Read();
        return Read(type, ref reader);
    }

    private static Reading Through<T>(JsonConverter<T> converter) =>
        (ref Utf8JsonReader reader) => converter.Read(ref reader, typeof(T), JsonSerializerOptions.Default);

    private static ReadOnlySequence<byte> Split(byte[] bytes)
    {
        var first = new Segment(bytes.AsMemory(0, 1));
        var last = first;
        for (var index = 1; index < bytes.Length; index++)
        {
            last = last.Append(bytes.AsMemory(index, 1));
        }

        return new ReadOnlySequence<byte>(first, 0, last, 1);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
