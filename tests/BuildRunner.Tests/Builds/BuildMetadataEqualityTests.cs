namespace BuildRunner.Tests.Builds;

public sealed class BuildMetadataEqualityTests
{
    private static readonly BuildMetadata Metadata = [new("queue", "main"), new("attempt", "2")];

    [Fact]
    public void The_same_pairs_are_equal_in_whatever_order()
    {
        BuildMetadata reversed = [new("attempt", "2"), new("queue", "main")];

        ShouldCompare(Metadata, reversed, equal: true);
        Metadata.GetHashCode().Should().Be(reversed.GetHashCode());
    }

    [Fact]
    public void An_instance_equals_itself()
    {
        var same = Metadata;

        ShouldCompare(Metadata, same, equal: true);
    }

    [Fact]
    public void Another_value_makes_a_difference()
    {
        ShouldCompare(Metadata, [new("queue", "main"), new("attempt", "3")], equal: false);
    }

    [Fact]
    public void Another_key_makes_a_difference()
    {
        ShouldCompare(Metadata, [new("queue", "main"), new("Attempt", "2")], equal: false);
    }

    [Fact]
    public void A_pair_more_makes_a_difference()
    {
        ShouldCompare(Metadata, [new("queue", "main"), new("attempt", "2"), new("more", "")], equal: false);
        ShouldCompare(Metadata, [new("queue", "main")], equal: false);
        ShouldCompare(Metadata, [], equal: false);
    }

    [Fact]
    public void Exchanged_values_make_a_difference_to_equality_and_hash()
    {
        BuildMetadata one = [new("a", "1"), new("b", "2")];
        BuildMetadata other = [new("a", "2"), new("b", "1")];

        ShouldCompare(one, other, equal: false);
        one.GetHashCode().Should().NotBe(other.GetHashCode());
    }

    [Fact]
    public void Three_pairs_hash_differently_from_one_of_them()
    {
        BuildMetadata one = [new("a", "1")];
        BuildMetadata three = [new("a", "1"), new("b", "2"), new("c", "3")];

        three.GetHashCode().Should().NotBe(one.GetHashCode());
    }

    [Fact]
    public void Nothing_but_null_equals_null()
    {
        BuildMetadata? none = null;

        (none == null).Should().BeTrue();
        (none != null).Should().BeFalse();
        (none == Metadata).Should().BeFalse();
        (Metadata == none).Should().BeFalse();
        (none != Metadata).Should().BeTrue();
        Metadata.Equals(none).Should().BeFalse();
        BuildMetadata.Empty.Equals(none).Should().BeFalse();
    }

    [Fact]
    public void An_object_of_another_type_is_not_equal()
    {
        Metadata.Equals((object)Metadata.ToDictionary()).Should().BeFalse();
        Metadata.Equals((object?)null).Should().BeFalse();
    }

    private static void ShouldCompare(BuildMetadata left, BuildMetadata right, bool equal)
    {
        left.Equals(right).Should().Be(equal);
        right.Equals(left).Should().Be(equal);
        left.Equals((object)right).Should().Be(equal);
        (left == right).Should().Be(equal);
        (left != right).Should().Be(!equal);
    }
}
