using System.Text;
using System.Text.Json;

namespace BuildRunner.Tests.Json;

public sealed class StreamingJsonTests
{
    private static readonly JsonSerializerOptions SmallBuffer = new() { DefaultBufferSize = 1 };

    public static TheoryData<Type, string> FormsWithMore
    {
        get
        {
            TheoryData<Type, string> data = [];
            foreach (var (type, json) in Wire.Forms.Select(form => form.Data))
            {
                data.Add(type, json);
                if (json[0] == '{' && type != typeof(BuildMetadata))
                {
                    data.Add(type, """{"more":{"id":[1,{"uris":null}],"status":"x"},"m\u006fre":[[],{}],""" + json[1..]);
                    data.Add(type, json[..^1] + ""","last":{"a":{"b":{"c":[null,true,-1.5e3]}}}}""");
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FormsWithMore))]
    public async Task A_stream_that_gives_a_byte_at_a_time_is_read_whole(Type type, string json)
    {
        var expected = JsonSerializer.Deserialize(json, type);
        await using var reflectedStream = new TricklingStream(Encoding.UTF8.GetBytes(json));
        await using var generatedStream = new TricklingStream(Encoding.UTF8.GetBytes(json));

        var reflected = await JsonSerializer.DeserializeAsync(reflectedStream, type, SmallBuffer);
        var generated = await JsonSerializer.DeserializeAsync(generatedStream, type, WireContext.Default);

        reflected.Should().Be(expected).And.NotBeNull();
        generated.Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Wire.Forms), MemberType = typeof(Wire))]
    public async Task A_stream_that_breaks_off_anywhere_is_refused(Type type, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);

        for (var length = 0; length < bytes.Length; length++)
        {
            await using var stream = new TricklingStream(bytes[..length]);

            var act = async () => await JsonSerializer.DeserializeAsync(stream, type, SmallBuffer);

            await act.Should().ThrowAsync<JsonException>();
        }
    }

    [Fact]
    public async Task An_array_of_requests_is_read_item_by_item()
    {
        BuildRequest[] requests = [.. Enumerable.Range(0, 20).Select(number => new BuildRequest { Head = [new($"git:{number}")], TriggerKey = $"{number}" })];
        await using var stream = new TricklingStream(JsonSerializer.SerializeToUtf8Bytes(requests));

        List<BuildRequest?> read = [];
        await foreach (var request in JsonSerializer.DeserializeAsyncEnumerable<BuildRequest>(stream, SmallBuffer))
        {
            read.Add(request);
        }

        read.Should().Equal(requests);
    }

    [Fact]
    public async Task A_dictionary_by_id_is_read_from_a_stream()
    {
        await using var stream = new TricklingStream("""{"noop-1":"one","n\u006fop-2":"two"}"""u8.ToArray());

        var names = await JsonSerializer.DeserializeAsync<Dictionary<BuildId, string>>(stream, SmallBuffer);

        names.Should().Equal(new Dictionary<BuildId, string> { [new("noop-1")] = "one", [new("noop-2")] = "two" });
    }

    [Fact]
    public async Task What_is_written_to_a_stream_are_the_same_bytes()
    {
        foreach (var (type, json) in Wire.Forms.Select(form => form.Data))
        {
            await using var stream = new MemoryStream();

            await JsonSerializer.SerializeAsync(stream, JsonSerializer.Deserialize(json, type), type, SmallBuffer);

            Encoding.UTF8.GetString(stream.ToArray()).Should().Be(json);
        }
    }

    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
