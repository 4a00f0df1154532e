using System.Text.Json;

namespace BuildRunner.Tests.Json;

public sealed class LargeTextJsonTests
{
    private const int Length = 1_000_000;

    private static readonly string Plain = new('x', Length);
    private static readonly string Escaped = new('é', Length);

    [Fact]
    public void A_large_id_survives()
    {
        ShouldSurvive(new BuildId(Plain));
        ShouldSurvive(new BuildId(Escaped));
    }

    [Fact]
    public void Large_metadata_survives()
    {
        ShouldSurvive<BuildMetadata>([new(Plain, Escaped), new(Escaped, Plain)]);
    }

    [Fact]
    public void A_large_change_survives()
    {
        ShouldSurvive(new Change(["git:" + Plain, "git:" + Escaped]));
    }

    [Fact]
    public void A_large_request_survives()
    {
        ShouldSurvive(new BuildRequest { Head = [new("git:" + Plain)], Metadata = [new("key", Escaped)] });
    }

    [Fact]
    public void A_large_status_is_unknown()
    {
        JsonSerializer.Deserialize<BuildStatus>($"\"{Plain}\"").Should().Be(BuildStatus.Unknown);
    }

    [Fact]
    public void A_large_hint_and_a_large_trigger_key_are_refused()
    {
        Wire.ShouldBeMalformed<BuildSnapshot>($$"""{"status":"failed","poll_after":"{{Plain}}"}""");
        Wire.ShouldBeMalformed<BuildRequest>($$"""{"head":[],"trigger_key":"{{Plain}}"}""");
    }

    [Fact]
    public void Large_unknown_members_are_passed_over()
    {
        Wire.ShouldBeRead($$"""{"{{Plain}}":"{{Plain}}","id":"noop-1"}""", new BuildId("noop-1"));
    }

    [Fact]
    public void An_unknown_member_may_be_nested_as_deep_as_the_host_allows_and_no_deeper()
    {
        static string Nested(int depth) => $$"""{"more":{{new string('[', depth)}}{{new string(']', depth)}},"id":"noop-1"}""";

        Wire.ShouldBeRead(Nested(63), new BuildId("noop-1"));
        Wire.ShouldBeMalformed<BuildId>(Nested(64));
    }

    private static void ShouldSurvive<T>(T value)
    {
        object? read = JsonSerializer.Deserialize<T>(JsonSerializer.SerializeToUtf8Bytes(value));

        (read?.Equals(value)).Should().BeTrue();
    }
}
