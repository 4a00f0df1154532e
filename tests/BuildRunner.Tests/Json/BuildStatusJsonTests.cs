namespace BuildRunner.Tests.Json;

public sealed class BuildStatusJsonTests
{
    [Theory]
    [InlineData(BuildStatus.Unknown, "\"\"")]
    [InlineData(BuildStatus.Accepted, "\"accepted\"")]
    [InlineData(BuildStatus.Running, "\"running\"")]
    [InlineData(BuildStatus.Succeeded, "\"succeeded\"")]
    [InlineData(BuildStatus.Failed, "\"failed\"")]
    [InlineData(BuildStatus.Cancelled, "\"cancelled\"")]
    public void A_status_is_its_name_in_lower_case(BuildStatus status, string json)
    {
        Wire.ShouldBeWritten(status, json);
        Wire.ShouldBeRead(json, status);
    }

    [Theory]
    [InlineData("\"Succeeded\"")]
    [InlineData("\"SUCCEEDED\"")]
    [InlineData("\"succeeded \"")]
    [InlineData("\" succeeded\"")]
    [InlineData("\"canceled\"")]
    [InlineData("\"unknown\"")]
    [InlineData("\"queued\"")]
    [InlineData("\"3\"")]
    [InlineData("\"succeeded,failed\"")]
    [InlineData("\"succeeded\\u0000\"")]
    [InlineData("\"\\u017Fucceeded\"")]
    public void Any_other_text_is_unknown(string json)
    {
        Wire.ShouldBeRead(json, BuildStatus.Unknown);
    }

    [Fact]
    public void Spelling_in_escapes_does_not_matter()
    {
        Wire.ShouldBeRead("\"\\u0066ailed\"", BuildStatus.Failed);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[\"failed\"]")]
    [InlineData("{\"status\":\"failed\"}")]
    [InlineData("failed")]
    [InlineData("\"failed")]
    [InlineData("")]
    public void Anything_but_a_text_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildStatus>(json);
    }

    [Theory]
    [InlineData((BuildStatus)6)]
    [InlineData((BuildStatus)(-1))]
    [InlineData((BuildStatus)int.MaxValue)]
    public void A_number_without_a_name_has_no_form(BuildStatus status)
    {
        Wire.ShouldNotBeWritten(status);
        Wire.ShouldNotBeWritten(new Dictionary<BuildStatus, int> { [status] = 1 });
        Wire.ShouldNotBeWritten(new BuildSnapshot { Status = status });
    }

    [Fact]
    public void A_key_of_a_dictionary_has_the_same_text()
    {
        var counts = Enum.GetValues<BuildStatus>().ToDictionary(status => status, status => (int)status);
        const string Json = """{"":0,"accepted":1,"running":2,"succeeded":3,"failed":4,"cancelled":5}""";

        Wire.ShouldBeWritten(counts, Json);
        Read(Json).Should().Equal(counts);
    }

    [Fact]
    public void A_key_of_a_dictionary_that_is_no_name_is_unknown()
    {
        Read("""{"Failed":1,"\u0066ailed":2}""").Should().Equal(new Dictionary<BuildStatus, int> { [BuildStatus.Unknown] = 1, [BuildStatus.Failed] = 2 });
    }

    private static Dictionary<BuildStatus, int>? Read(string json) =>
        System.Text.Json.JsonSerializer.Deserialize(json, WireContext.Default.DictionaryBuildStatusInt32);
}
