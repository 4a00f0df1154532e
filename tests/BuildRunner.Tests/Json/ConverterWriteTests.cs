using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Tests.Json;

public sealed class ConverterWriteTests
{
    private static readonly JsonSerializerOptions Options = JsonSerializerOptions.Default;

    [Fact]
    public void A_null_writer_is_refused()
    {
        ShouldRefuseNullWriter(new BuildIdJsonConverter(), new BuildId("noop-1"));
        ShouldRefuseNullWriter(new BuildStatusJsonConverter(), BuildStatus.Failed);
        ShouldRefuseNullWriter(new BuildMetadataJsonConverter(), BuildMetadata.Empty);
        ShouldRefuseNullWriter(new ChangeJsonConverter(), new Change("git:a"));
        ShouldRefuseNullWriter(new BuildRequestJsonConverter(), new BuildRequest());
        ShouldRefuseNullWriter(new BuildSnapshotJsonConverter(), new BuildSnapshot { Status = BuildStatus.Failed });
    }

    [Fact]
    public void A_null_writer_is_refused_for_a_name_of_a_member_too()
    {
        var id = () => new BuildIdJsonConverter().WriteAsPropertyName(null!, new BuildId("noop-1"), Options);
        var status = () => new BuildStatusJsonConverter().WriteAsPropertyName(null!, BuildStatus.Failed, Options);

        id.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("writer");
        status.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("writer");
    }

    [Fact]
    public void A_null_value_is_refused()
    {
        ShouldRefuseNullValue(new BuildMetadataJsonConverter());
        ShouldRefuseNullValue(new ChangeJsonConverter());
        ShouldRefuseNullValue(new BuildRequestJsonConverter());
        ShouldRefuseNullValue(new BuildSnapshotJsonConverter());
    }

    [Fact]
    public void A_refused_id_or_status_leaves_nothing_written()
    {
        using var stream = new MemoryStream();
        using var writer = new Utf8JsonWriter(stream);
        var id = () => new BuildIdJsonConverter().Write(writer, default, Options);
        var status = () => new BuildStatusJsonConverter().Write(writer, (BuildStatus)9, Options);

        id.Should().ThrowExactly<JsonException>();
        status.Should().ThrowExactly<JsonException>();

        (writer.BytesPending + writer.BytesCommitted).Should().Be(0);
    }

    private static void ShouldRefuseNullWriter<T>(JsonConverter<T> converter, T value)
    {
        var act = () => converter.Write(null!, value, Options);

        act.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("writer");
    }

    private static void ShouldRefuseNullValue<T>(JsonConverter<T> converter)
        where T : class
    {
        using var stream = new MemoryStream();
        using var writer = new Utf8JsonWriter(stream);
        var act = () => converter.Write(writer, null!, Options);

        act.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("value");
    }
}
