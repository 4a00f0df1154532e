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
    [InlineData("{}")]
    [InlineData("""{"base":null,"head":null,"metadata":null,"trigger_key":null}""")]
    [InlineData("""{"head":[]}""")]
    [InlineData("""{"BASE":[{"uris":["git://host/a"]}],"Head":5,"Metadata":[],"trigger_Key":"x","triggerKey":"x","TriggerKey":"x"}""")]
    [InlineData("""{"more":{"base":[1],"head":{}},"more":[[[]]]}""")]
    public void Missing_null_and_unknown_members_leave_it_empty(string json)
    {
        Wire.ShouldBeRead(json, new BuildRequest());
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
    [InlineData("""{"base":[],"base":[]}""")]
    [InlineData("""{"base":null,"bas\u0065":[]}""")]
    [InlineData("""{"head":[],"head":null}""")]
    [InlineData("""{"metadata":{},"head":[],"metadata":{}}""")]
    [InlineData("""{"metadata":null,"metadata":null}""")]
    [InlineData("""{"trigger_key":"a","trigger_key":"a"}""")]
    [InlineData("""{"trigger_key":null,"trigger\u005fkey":null}""")]
    public void A_repeated_member_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }

    [Theory]
    [InlineData("""{"base":{}}""")]
    [InlineData("""{"base":"git://host/a"}""")]
    [InlineData("""{"base":1}""")]
    [InlineData("""{"base":false}""")]
    [InlineData("""{"base":[null]}""")]
    [InlineData("""{"base":["git://host/a"]}""")]
    [InlineData("""{"base":[{}]}""")]
    [InlineData("""{"base":[[]]}""")]
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
    [InlineData("""{"metadata":[]}""")]
    [InlineData("""{"metadata":""}""")]
    [InlineData("""{"metadata":1}""")]
    [InlineData("""{"metadata":{"a":null}}""")]
    [InlineData("""{"metadata":{"a":"1","a":"1"}}""")]
    public void Malformed_metadata_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }

    [Theory]
    [InlineData("""{"trigger_key":""}""")]
    [InlineData("""{"trigger_key":"a\n"}""")]
    [InlineData("""{"trigger_key":"\u0000"}""")]
    [InlineData("""{"trigger_key":"\u0085"}""")]
    [InlineData("""{"trigger_key":1}""")]
    [InlineData("""{"trigger_key":true}""")]
    [InlineData("""{"trigger_key":[]}""")]
    [InlineData("""{"trigger_key":{}}""")]
    public void A_trigger_key_that_is_none_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildRequest>(json);
    }

    [Fact]
    public void A_trigger_key_may_have_255_characters_and_no_more()
    {
        var longest = new string('k', 255);

        Wire.ShouldBeRead($$"""{"trigger_key":"{{longest}}"}""", new BuildRequest { TriggerKey = longest });
        Wire.ShouldBeMalformed<BuildRequest>($$"""{"trigger_key":"{{longest}}k"}""");
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
