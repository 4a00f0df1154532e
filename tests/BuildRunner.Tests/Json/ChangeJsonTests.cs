using System.Text.Json;

namespace BuildRunner.Tests.Json;

public sealed class ChangeJsonTests
{
    private static readonly Change Single = new("git://host/a");

    [Fact]
    public void A_change_is_an_object_with_its_uris_in_order()
    {
        Wire.ShouldBeWritten(Single, """{"uris":["git://host/a"]}""");
        Wire.ShouldBeWritten(new Change(["git://host/b", "git://host/a"]), """{"uris":["git://host/b","git://host/a"]}""");
        Wire.ShouldBeRead("""{"uris":["git://host/b","git://host/a"]}""", new Change(["git://host/b", "git://host/a"]));
    }

    [Fact]
    public void Null_is_null()
    {
        Wire.ShouldBeWritten<Change?>(null, "null");
        Wire.ShouldBeRead<Change?>("null", null);
    }

    [Theory]
    [InlineData("""{"\u0075ris":["git:\/\/host\/a"]}""")]
    [InlineData("""{"more":{"uris":[]},"uris":["git://host/a"],"URI":[],"more":[{"uris":[1]}]}""")]
    public void Unknown_members_are_ignored_and_spelling_in_escapes_does_not_matter(string json)
    {
        Wire.ShouldBeRead(json, Single);
    }

    [Theory]
    [InlineData("""{"uris":["git://host/a"],"uris":["git://host/a"]}""")]
    [InlineData("""{"uris":["git://host/a"],"ur\u0069s":["git://host/b"]}""")]
    public void A_repeated_list_is_refused(string json)
    {
        Wire.ShouldBeMalformed<Change>(json);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"urls":["git://host/a"]}""")]
    [InlineData("""{"uri":["git://host/a"]}""")]
    [InlineData("""{"uris":null}""")]
    [InlineData("""{"uris":[]}""")]
    [InlineData("""{"uris":"git://host/a"}""")]
    [InlineData("""{"uris":1}""")]
    [InlineData("""{"uris":{}}""")]
    [InlineData("""{"uris":{"0":"git://host/a"}}""")]
    public void A_missing_or_empty_list_is_refused(string json)
    {
        Wire.ShouldBeMalformed<Change>(json);
    }

    [Theory]
    [InlineData("""{"uris":[null]}""")]
    [InlineData("""{"uris":["git://host/a",null]}""")]
    [InlineData("""{"uris":[1]}""")]
    [InlineData("""{"uris":[true]}""")]
    [InlineData("""{"uris":[["git://host/a"]]}""")]
    [InlineData("""{"uris":[{"uris":["git://host/a"]}]}""")]
    [InlineData("""{"uris":[""]}""")]
    [InlineData("""{"uris":["/etc/passwd"]}""")]
    [InlineData("""{"uris":["git://host/a\n"]}""")]
    [InlineData("""{"uris":["git://host/a","git://host/a b"]}""")]
    [InlineData("""{"uris":["git://host/a",]}""")]
    [InlineData("""{"uris":["git://host/a"}""")]
    public void An_item_that_is_no_uri_is_refused(string json)
    {
        Wire.ShouldBeMalformed<Change>(json);
    }

    [Fact]
    public void User_information_is_refused_without_being_shown()
    {
        var act = () => JsonSerializer.Deserialize<Change>("""{"uris":["https://user:hunter2@host/repo"]}""");

        act.Should().Throw<JsonException>().Which.ToString().Should().NotContain("hunter2");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""["git://host/a"]""")]
    [InlineData("\"git://host/a\"")]
    [InlineData("1")]
    [InlineData("false")]
    [InlineData("")]
    public void Anything_but_an_object_is_refused(string json)
    {
        Wire.ShouldBeMalformed<Change>(json);
    }
}
