using System.Globalization;

namespace BuildRunner.Tests.Json;

public sealed class BuildSnapshotJsonTests
{
    private const string FullJson = """{"status":"running","metadata":{"native_state":"STARTED"},"poll_after":"00:00:05"}""";

    private static readonly BuildSnapshot Full = new()
    {
        Status = BuildStatus.Running,
        Metadata = [new("native_state", "STARTED")],
        PollAfter = TimeSpan.FromSeconds(5),
    };

    [Fact]
    public void A_full_snapshot_has_three_members()
    {
        Wire.ShouldBeWritten(Full, FullJson);
        Wire.ShouldBeRead(FullJson, Full);
    }

    [Theory]
    [InlineData(BuildStatus.Unknown, """{"status":"","metadata":{},"poll_after":null}""")]
    [InlineData(BuildStatus.Accepted, """{"status":"accepted","metadata":{},"poll_after":null}""")]
    [InlineData(BuildStatus.Running, """{"status":"running","metadata":{},"poll_after":null}""")]
    [InlineData(BuildStatus.Succeeded, """{"status":"succeeded","metadata":{},"poll_after":null}""")]
    [InlineData(BuildStatus.Failed, """{"status":"failed","metadata":{},"poll_after":null}""")]
    [InlineData(BuildStatus.Cancelled, """{"status":"cancelled","metadata":{},"poll_after":null}""")]
    public void A_minimal_snapshot_has_all_three_of_them_too(BuildStatus status, string json)
    {
        Wire.ShouldBeWritten(new BuildSnapshot { Status = status }, json);
        Wire.ShouldBeRead(json, new BuildSnapshot { Status = status });
    }

    [Theory]
    [InlineData("""{"status":"running"}""")]
    [InlineData("""{"status":"running","metadata":null,"poll_after":null}""")]
    [InlineData("""{"more":{"status":"failed","x":[{}]},"stat\u0075s":"runnin\u0067","more":[[1]]}""")]
    public void Missing_null_and_unknown_members_leave_it_minimal(string json)
    {
        Wire.ShouldBeRead(json, new BuildSnapshot { Status = BuildStatus.Running });
    }

    [Fact]
    public void The_members_may_stand_in_any_order_and_in_escapes()
    {
        Wire.ShouldBeRead("""{"poll\u005fafter":"\u0030\u0030:00:05","x":[{"status":1}],"m\u0065tadata":{"native_state":"STARTED"},"status":"running"}""", Full);
    }

    [Fact]
    public void A_status_that_is_no_name_is_unknown()
    {
        Wire.ShouldBeRead("""{"status":"Running"}""", new BuildSnapshot { Status = BuildStatus.Unknown });
    }

    [Fact]
    public void Null_is_null()
    {
        Wire.ShouldBeWritten<BuildSnapshot?>(null, "null");
        Wire.ShouldBeRead<BuildSnapshot?>("null", null);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"metadata":{},"poll_after":null}""")]
    [InlineData("""{"state":"running"}""")]
    [InlineData("""{"status":null}""")]
    [InlineData("""{"status":2}""")]
    [InlineData("""{"status":true}""")]
    [InlineData("""{"status":{}}""")]
    [InlineData("""{"status":["running"]}""")]
    public void A_snapshot_without_a_status_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildSnapshot>(json);
    }

    [Theory]
    [InlineData("""{"status":"","status":""}""")]
    [InlineData("""{"status":"running","stat\u0075s":"failed"}""")]
    [InlineData("""{"status":"running","metadata":{},"metadata":{}}""")]
    [InlineData("""{"status":"running","metadata":null,"metadata":null}""")]
    [InlineData("""{"status":"running","poll_after":null,"poll_after":null}""")]
    [InlineData("""{"poll_after":"00:00:05","status":"running","poll_after":"00:00:05"}""")]
    public void A_repeated_member_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildSnapshot>(json);
    }

    [Theory]
    [InlineData("""{"status":"running","metadata":[]}""")]
    [InlineData("""{"status":"running","metadata":""}""")]
    [InlineData("""{"status":"running","metadata":{"a":1}}""")]
    [InlineData("""{"status":"running","metadata":{"a":"","a":""}}""")]
    public void Malformed_metadata_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildSnapshot>(json);
    }

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("00:00:05")]
    [InlineData("00:00:00.2500000")]
    [InlineData("00:00:00.0000001")]
    [InlineData("23:59:59.9999999")]
    [InlineData("1.00:00:00")]
    [InlineData("12.03:04:05")]
    [InlineData("-00:00:01")]
    [InlineData("-2.00:00:00.5000000")]
    [InlineData("10675199.02:48:05.4775807")]
    [InlineData("-10675199.02:48:05.4775808")]
    public void A_hint_is_a_time_span_in_its_constant_format(string text)
    {
        var snapshot = new BuildSnapshot { Status = BuildStatus.Running, PollAfter = TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture) };
        var json = $$$"""{"status":"running","metadata":{},"poll_after":"{{{text}}}"}""";

        Wire.ShouldBeWritten(snapshot, json);
        Wire.ShouldBeRead(json, snapshot);
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\" \"")]
    [InlineData("\"soon\"")]
    [InlineData("\"5 s\"")]
    [InlineData("\"5\"")]
    [InlineData("\" 00:00:05\"")]
    [InlineData("\"00:00:05 \"")]
    [InlineData("\"PT5S\"")]
    [InlineData("\"+00:00:05\"")]
    [InlineData("\"00:00:60\"")]
    [InlineData("\"24:00:00\"")]
    [InlineData("\"00:00:05.12345678\"")]
    [InlineData("\"00:00:05,5\"")]
    [InlineData("\"10675200.00:00:00\"")]
    [InlineData("\"00:00:05\\u0000\"")]
    [InlineData("\"٠٠:٠٠:٠٥\"")]
    [InlineData("5")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("[\"00:00:05\"]")]
    public void A_hint_that_is_no_time_span_is_refused(string hint)
    {
        Wire.ShouldBeMalformed<BuildSnapshot>($$"""{"status":"running","poll_after":{{hint}}}""");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"running\"")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("""{"status":"running"}}""")]
    [InlineData("")]
    public void Anything_but_an_object_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildSnapshot>(json);
    }
}
