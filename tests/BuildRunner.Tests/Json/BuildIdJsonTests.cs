namespace BuildRunner.Tests.Json;

public sealed class BuildIdJsonTests
{
    [Theory]
    [InlineData("noop-1", """{"id":"noop-1"}""")]
    [InlineData(" a ", """{"id":" a "}""")]
    [InlineData("\"\\/\n", """{"id":"\u0022\\/\n"}""")]
    [InlineData("🚀", """{"id":"\uD83D\uDE80"}""")]
    public void An_id_is_an_object_with_one_member(string value, string json)
    {
        Wire.ShouldBeWritten(new BuildId(value), json);
        Wire.ShouldBeRead(json, new BuildId(value));
    }

    [Fact]
    public void An_optional_id_may_be_null()
    {
        Wire.ShouldBeWritten<BuildId?>(null, "null");
        Wire.ShouldBeRead<BuildId?>("null", null);
        Wire.ShouldBeWritten<BuildId?>(new("noop-1"), """{"id":"noop-1"}""");
        Wire.ShouldBeRead<BuildId?>("""{"id":"noop-1"}""", new BuildId("noop-1"));
    }

    [Theory]
    [InlineData("""{"\u0069d":"noop-1"}""")]
    [InlineData("""{"\u0069\u0064":"\u006eoop-1"}""")]
    [InlineData("""{"name":"x","id":"noop-1","n":1,"b":true,"z":null}""")]
    [InlineData("""{"id":"noop-1","more":{"id":"other","deep":[{"id":[]}]}}""")]
    [InlineData("""{"more":[[{"id":"other"}],{}],"id":"noop-1"}""")]
    [InlineData("""{"more":1,"more":2,"id":"noop-1"}""")]
    [InlineData("""{"id ":"other","i":"other","id":"noop-1","":"other"}""")]
    [InlineData(" {\n\t\"id\" : \"noop-1\" } ")]
    public void Unknown_members_are_ignored_and_spelling_in_escapes_does_not_matter(string json)
    {
        Wire.ShouldBeRead(json, new BuildId("noop-1"));
    }

    [Theory]
    [InlineData("""{"id":"a","id":"a"}""")]
    [InlineData("""{"id":"a","\u0069d":"b"}""")]
    [InlineData("""{"\u0069d":"a","more":{},"id":"b"}""")]
    public void A_repeated_id_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildId>(json);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"ident":"noop-1"}""")]
    [InlineData("""{"Value":"noop-1"}""")]
    [InlineData("""{"more":{"id":"noop-1"}}""")]
    public void A_missing_id_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildId>(json);
    }

    [Theory]
    [InlineData("""{"id":""}""")]
    [InlineData("""{"id":" \t\u3000"}""")]
    [InlineData("""{"id":null}""")]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"id":true}""")]
    [InlineData("""{"id":{}}""")]
    [InlineData("""{"id":{"id":"noop-1"}}""")]
    [InlineData("""{"id":["noop-1"]}""")]
    public void An_id_that_is_no_text_or_blank_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildId>(json);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"noop-1\"")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("""[{"id":"noop-1"}]""")]
    [InlineData("""{"id":"noop-1"}x""")]
    [InlineData("""{"id":"noop-1"}{}""")]
    [InlineData("""{"id":"noop-1",}""")]
    [InlineData("""{id:"noop-1"}""")]
    [InlineData("")]
    public void Anything_but_one_object_is_refused(string json)
    {
        Wire.ShouldBeMalformed<BuildId>(json);
    }

    [Fact]
    public void A_key_of_a_dictionary_is_the_bare_value()
    {
        Dictionary<BuildId, string> names = new() { [new("noop-1")] = "one", [new("NOOP-1")] = "two" };

        Wire.ShouldBeWritten(names, """{"noop-1":"one","NOOP-1":"two"}""");
        Read("""{"noop-1":"one","\u004eOOP-1":"two"}""").Should().Equal(names);
    }

    [Theory]
    [InlineData("""{"":"one"}""")]
    [InlineData("""{" ":"one"}""")]
    public void A_blank_key_of_a_dictionary_is_refused(string json)
    {
        Wire.ShouldBeMalformed<Dictionary<BuildId, string>>(json);
    }

    [Fact]
    public void A_default_id_has_no_form()
    {
        Wire.ShouldNotBeWritten(default(BuildId));
        Wire.ShouldNotBeWritten<BuildId?>(default(BuildId));
        Wire.ShouldNotBeWritten(new Envelope());
        Wire.ShouldNotBeWritten(new Envelope { Id = new("noop-1"), Ids = [default] });
        Wire.ShouldNotBeWritten(new Dictionary<BuildId, string> { [default] = "none" });
    }

    private static Dictionary<BuildId, string>? Read(string json) =>
        System.Text.Json.JsonSerializer.Deserialize(json, WireContext.Default.DictionaryBuildIdString);
}
