namespace BuildRunner.Tests.Json;

public sealed class BuildRequestJsonTests
{
    private const string FullJson =
        """{"base":[{"uris":["git://host/a"]},{"uris":["git://host/b"]}],"head":[{"uris":["git://host/c","git://host/d"]}],"metadata":{"queue":"main"},"trigger_key":"queue/12"}""";

    private static readonly BuildRequest Full = new()
    {
        Base = [new("git://host/a"), new("git://host/b")],
        Head = [new(["git://host/c", "git://host/d"])],
        Metadata = [new("queue", "main")],
        TriggerKey = "queue/12",
    };

    [Fact]
    public void A_full_request_has_four_members()
    {
        Wire.ShouldBeWritten(Full, FullJson);
        Wire.ShouldBeRead(FullJson, Full);
    }

    [Fact]
    public void An_empty_request_has_all_four_of_them_too()
    {
        Wire.ShouldBeWritten(new BuildRequest(), """{"base":[],"head":[],"metadata":{},"trigger_key":null}""");
        Wire.ShouldBeRead("""{"base":[],"head":[],"metadata":{},"trigger_key":null}""", new BuildRequest());
    }

    [Theory]
    [InlineData("""{"base":null,"head":[],"metadata":null,"trigger_key":null}""")]
    [InlineData("""{"head":[]}""")]
    [InlineData("""{"more":{"base":[1],"head":{}},"head":[],"more":[[[]]]}""")]
    public void Missing_null_and_unknown_members_leave_it_empty(string json)
    {
        Wire.ShouldBeRead(json, new BuildRequest());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"heads":[{"uris":["git://host/a"]}]}""")]
    [InlineData("""{"base":[{"uris":["git://host/a"]}],"metadata":{},"trigger_key":"k"}""")]
    [InlineData("""{"more":{"head":[]}}""")]
    [InlineData("""{"head":null}""")]
    public void A_request_without_a_head_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }

    [Fact]
    public void The_members_may_stand_in_any_order_and_in_escapes()
    {
        Wire.ShouldBeRead(
            """{"trigg\u0065r_key":"queue/12","x":{"a":[1,{"b":null}]},"metadat\u0061":{"queue":"main"},"hea\u0064":[{"uris":["git://host/c","git://host/d"]}],"bas\u0065":[{"uris":["git://host/a"]},{"uris":["git://host/b"]}]}""",
            Full);
    }

    [Fact]
    public void Null_is_null()
    {
        Wire.ShouldBeWritten<BuildRequest?>(null, "null");
        Wire.ShouldBeRead<BuildRequest?>("null", null);
    }

    [Theory]
    [InlineData("""{"head":[],"base":[],"base":[]}""")]
    [InlineData("""{"head":[],"base":null,"bas\u0065":[]}""")]
    [InlineData("""{"head":[],"head":null}""")]
    [InlineData("""{"metadata":{},"head":[],"metadata":{}}""")]
    [InlineData("""{"head":[],"metadata":null,"metadata":null}""")]
    [InlineData("""{"head":[],"trigger_key":"a","trigger_key":"a"}""")]
    [InlineData("""{"head":[],"trigger_key":null,"trigger\u005fkey":null}""")]
    public void A_repeated_member_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }

    [Theory]
    [InlineData("""{"head":[],"base":{}}""")]
    [InlineData("""{"head":[],"base":"git://host/a"}""")]
    [InlineData("""{"head":[],"base":1}""")]
    [InlineData("""{"head":[],"base":false}""")]
    [InlineData("""{"head":[],"base":[null]}""")]
    [InlineData("""{"head":[],"base":["git://host/a"]}""")]
    [InlineData("""{"head":[],"base":[{}]}""")]
    [InlineData("""{"head":[],"base":[[]]}""")]
    [InlineData("""{"head":{}}""")]
    [InlineData("""{"head":""}""")]
    [InlineData("""{"head":[{"uris":[]}]}""")]
    [InlineData("""{"head":[{"uris":["git://host/a"]},null]}""")]
    [InlineData("""{"head":[{"uris":["git://host/a"]}""")]
    public void A_list_that_is_none_or_holds_anything_but_changes_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }

    [Theory]
    [InlineData("""{"head":[],"metadata":[]}""")]
    [InlineData("""{"head":[],"metadata":""}""")]
    [InlineData("""{"head":[],"metadata":1}""")]
    [InlineData("""{"head":[],"metadata":{"a":null}}""")]
    [InlineData("""{"head":[],"metadata":{"a":"1","a":"1"}}""")]
    public void Malformed_metadata_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }

    [Theory]
    [InlineData("""{"head":[],"trigger_key":""}""")]
    [InlineData("""{"head":[],"trigger_key":"a\n"}""")]
    [InlineData("""{"head":[],"trigger_key":"\u0000"}""")]
    [InlineData("""{"head":[],"trigger_key":"\u0085"}""")]
    [InlineData("""{"head":[],"trigger_key":1}""")]
    [InlineData("""{"head":[],"trigger_key":true}""")]
    [InlineData("""{"head":[],"trigger_key":[]}""")]
    [InlineData("""{"head":[],"trigger_key":{}}""")]
    public void A_trigger_key_that_is_none_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }

    [Fact]
    public void A_trigger_key_may_have_255_characters_and_no_more()
    {
        var longest = new string('k', 255);

        Wire.ShouldBeRead($$"""{"head":[],"trigger_key":"{{longest}}"}""", new BuildRequest { TriggerKey = longest });
        Wire.ShouldBeMalformed<BuildRequest>($$"""{"head":[],"trigger_key":"{{longest}}k"}""");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("")]
    public void Anything_but_an_object_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }
}
