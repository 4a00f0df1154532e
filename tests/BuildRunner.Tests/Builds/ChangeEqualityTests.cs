namespace BuildRunner.Tests.Builds;

public sealed class ChangeEqualityTests
{
    [Fact]
    public void The_same_uris_in_the_same_order_are_equal()
    {
        var one = new Change(["git://host/a", "git://host/b"]);
        var other = new Change(new List<string> { "git://host/a", "git://host/b" });

        one.Should().Be(other);
        (one == other).Should().BeTrue();
        one.GetHashCode().Should().Be(other.GetHashCode());
        one.Uris.Equals(other.Uris).Should().BeTrue();
    }

    [Fact]
    public void Another_order_makes_a_difference_to_equality_and_hash()
    {
        var one = new Change(["git://host/a", "git://host/b"]);
        var other = new Change(["git://host/b", "git://host/a"]);

        one.Should().NotBe(other);
        one.GetHashCode().Should().NotBe(other.GetHashCode());
    }

    [Fact]
    public void A_uri_more_makes_a_difference()
    {
        new Change("git://host/a").Should().NotBe(new Change(["git://host/a", "git://host/a"]));
    }

    [Theory]
    [InlineData("git://host/repo", "GIT://host/repo")]
    [InlineData("git://host/repo", "git://HOST/repo")]
    [InlineData("git://host/repo", "git://host/repo/")]
    [InlineData("git://host/a/../repo", "git://host/repo")]
    [InlineData("git://host/%7Ea", "git://host/~a")]
    [InlineData("git://host/%2f", "git://host/%2F")]
    [InlineData("git://host/\u00e9", "git://host/e\u0301")]
    [InlineData("https://host:443/", "https://host/")]
    public void A_uri_is_never_normalised(string left, string right)
    {
        var one = new Change(left);
        var other = new Change(right);

        one.Should().NotBe(other);
        one.Uris[0].Should().Be(left);
        other.Uris[0].Should().Be(right);
    }

    [Fact]
    public void The_list_equals_no_list_of_another_type_and_not_null()
    {
        var uris = new Change("git://host/a").Uris;

        uris.Equals(new List<string> { "git://host/a" }).Should().BeFalse();
        uris.Equals(null).Should().BeFalse();
    }

    [Fact]
    public void A_stack_with_the_same_uris_can_be_found_in_a_set()
    {
        HashSet<Change> changes = [new(["git://host/a", "git://host/b"])];

        changes.Contains(new Change(["git://host/a", "git://host/b"])).Should().BeTrue();
        changes.Contains(new Change("git://host/a")).Should().BeFalse();
    }
}
