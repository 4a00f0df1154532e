namespace BuildRunner.Tests.Builds;

public sealed class TriggerKeyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(254)]
    [InlineData(255)]
    public void One_to_255_characters_are_accepted(int length)
    {
        var key = new string('k', length);

        new BuildRequest { TriggerKey = key }.TriggerKey.Should().Be(key);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    [InlineData(1_000_000)]
    public void Fewer_and_more_are_refused(int length)
    {
        ShouldBeRefused(new string('k', length));
    }

    [Fact]
    public void Characters_beyond_the_first_plane_count_twice()
    {
        var longest = string.Concat(Enumerable.Repeat("🚀", 127)) + "k";

        new BuildRequest { TriggerKey = longest }.TriggerKey.Should().Be(longest);
        ShouldBeRefused(longest + "k");
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("\u00a0")]
    [InlineData("queue/main#12 🚀")]
    public void Blanks_and_any_alphabet_are_accepted(string key)
    {
        new BuildRequest { TriggerKey = key }.TriggerKey.Should().Be(key);
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("a\n")]
    [InlineData("\ta")]
    [InlineData("a\u001bb")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u009fb")]
    public void Control_characters_are_refused(string key)
    {
        ShouldBeRefused(key);
    }

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDC00)]
    public void An_ill_formed_key_is_refused(int surrogate)
    {
        ShouldBeRefused($"a{(char)surrogate}");
    }

    private static void ShouldBeRefused(string key)
    {
        var act = () => new BuildRequest { TriggerKey = key };

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be(nameof(BuildRequest.TriggerKey));
    }
}
