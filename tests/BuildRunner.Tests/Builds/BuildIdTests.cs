namespace BuildRunner.Tests.Builds;

public sealed class BuildIdTests
{
    [Theory]
    [InlineData("noop-1")]
    [InlineData(" padded ")]
    [InlineData("a\nb")]
    [InlineData("🚀")]
    public void The_value_is_kept_as_it_was_given(string value)
    {
        var buildId = new BuildId(value);

        buildId.Value.Should().Be(value);
        buildId.ToString().Should().Be(value);
        buildId.IsDefault.Should().BeFalse();
    }

    [Fact]
    public void A_null_id_is_refused()
    {
        var act = () => new BuildId(null!);

        act.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("value");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\t\r\n")]
    [InlineData("\u00a0\u3000")]
    public void A_blank_id_is_refused(string value)
    {
        var act = () => new BuildId(value);

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("value");
    }

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDBFF)]
    [InlineData(0xDC00)]
    [InlineData(0xDFFF)]
    public void An_id_with_a_lone_surrogate_is_refused_wherever_it_stands(int surrogate)
    {
        var lone = (char)surrogate;

        foreach (var value in new[] { $"{lone}", $"{lone}a", $"a{lone}", $"a{lone}b", $"🚀{lone}", $"{lone}🚀" })
        {
            var act = () => new BuildId(value);

            act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("value");
            BuildId.TryParse(value, null, out _).Should().BeFalse();
        }
    }

    [Fact]
    public void Surrogates_in_the_wrong_order_are_refused()
    {
        var act = () => new BuildId("\udc00\ud800");

        act.Should().ThrowExactly<ArgumentException>();
    }

    [Theory]
    [InlineData("build", "build", true)]
    [InlineData("build", "Build", false)]
    [InlineData("build", "build ", false)]
    [InlineData("\u00e9", "e\u0301", false)]
    [InlineData("ss", "ß", false)]
    public void Ids_are_compared_character_by_character(string left, string right, bool equal)
    {
        var one = new BuildId(left);
        var other = new BuildId(right);

        one.Equals(other).Should().Be(equal);
        (one == other).Should().Be(equal);
        (one != other).Should().Be(!equal);
        new HashSet<BuildId> { one }.Contains(other).Should().Be(equal);
    }

    [Fact]
    public void Parsing_gives_the_id_of_the_text()
    {
        BuildId.Parse("noop-1", null).Should().Be(new BuildId("noop-1"));
        BuildId.TryParse("noop-1", null, out var parsed).Should().BeTrue();
        parsed.Should().Be(new BuildId("noop-1"));
    }

    [Fact]
    public void Parsing_null_is_refused()
    {
        var act = () => BuildId.Parse(null!, null);

        act.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("s");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    public void Parsing_a_blank_text_is_a_format_error(string text)
    {
        var act = () => BuildId.Parse(text, null);

        act.Should().Throw<FormatException>();
    }

    [Fact]
    public void Parsing_an_ill_formed_text_is_a_format_error()
    {
        var act = () => BuildId.Parse("a\ud800", null);

        act.Should().Throw<FormatException>();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("\n")]
    public void Trying_to_parse_what_is_no_id_gives_default(string? text)
    {
        BuildId.TryParse(text, null, out var parsed).Should().BeFalse();

        parsed.IsDefault.Should().BeTrue();
    }

    [Fact]
    public void An_id_can_be_parsed_by_generic_code()
    {
        ParseAny<BuildId>("noop-1").Should().Be(new BuildId("noop-1"));
        TryParseAny<BuildId>("").Should().BeFalse();
    }

    [Fact]
    public void An_id_passes_the_check_for_default()
    {
        var act = () => BuildId.ThrowIfDefault(new BuildId("noop-1"));

        act.Should().NotThrow();
    }

    [Fact]
    public void The_check_for_default_names_the_argument()
    {
        BuildId earlierBuild = default;

        var act = () => BuildId.ThrowIfDefault(earlierBuild);
        var named = () => BuildId.ThrowIfDefault(earlierBuild, "other");

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be(nameof(earlierBuild));
        named.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("other");
    }

    private static T ParseAny<T>(string text)
        where T : IParsable<T> => T.Parse(text, null);

    private static bool TryParseAny<T>(string text)
        where T : IParsable<T> => T.TryParse(text, null, out _);
}
