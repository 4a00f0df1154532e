using CsCheck;

namespace BuildRunner.Tests.Builds;

public sealed class BuildPropertyTests
{
    private const int Iterations = 1_000;

    [Fact]
    public void Parsing_the_text_of_an_id_gives_the_id()
    {
        Any.BuildId.Sample(buildId => BuildId.Parse(buildId.ToString(), null) == buildId, iter: Iterations);
    }

    [Fact]
    public void An_id_equals_another_exactly_if_the_values_do()
    {
        Gen.Select(Any.BuildId, Any.BuildId).Sample(
            (one, other) => (one == other) == string.Equals(one.Value, other.Value, StringComparison.Ordinal)
                && one == new BuildId(string.Concat(one.Value))
                && one.GetHashCode() == new BuildId(one.Value).GetHashCode(),
            iter: Iterations);
    }

    [Fact]
    public void Metadata_in_another_order_is_equal_and_hashes_the_same()
    {
        Any.Pairs.SelectMany(pairs => Gen.Shuffle(pairs).Select(shuffled => (new BuildMetadata(pairs), new BuildMetadata(shuffled)))).Sample(
            (one, other) => one.Equals(other) && one == other && one.GetHashCode() == other.GetHashCode(),
            iter: Iterations);
    }

    [Fact]
    public void Metadata_equals_other_metadata_exactly_if_the_sets_of_pairs_do()
    {
        var few = Gen.Select(Gen.String["ab"], Gen.String["xy"], KeyValuePair.Create).Array[0, 3].Select(pairs => pairs.DistinctBy(pair => pair.Key).ToArray());

        Gen.Select(few, few).Sample(
            (one, other) => new BuildMetadata(one).Equals(new BuildMetadata(other)) == one.ToHashSet().SetEquals(other),
            iter: Iterations);
    }

    [Fact]
    public void Setting_pairs_is_what_a_dictionary_does()
    {
        Gen.Select(Any.Metadata, Any.Metadata).Sample(
            (metadata, other) =>
            {
                var expected = metadata.ToDictionary();
                foreach (var (key, value) in other)
                {
                    expected[key] = value;
                }

                return metadata.SetItems(other).Equals(new BuildMetadata(expected));
            },
            iter: Iterations);
    }

    [Fact]
    public void Requests_are_equal_exactly_if_their_sequences_are()
    {
        var change = Gen.OneOf(Gen.Const(new Change("git:a")), Gen.Const(new Change("git:b")), Gen.Const(new Change(["git:a", "git:b"])));
        var list = change.Array[0, 3];

        Gen.Select(list, list, list, list).Sample(
            (base1, head1, base2, head2) =>
            {
                var one = new BuildRequest { Base = base1, Head = head1 };
                var other = new BuildRequest { Base = base2, Head = head2 };
                var expected = base1.SequenceEqual(base2) && head1.SequenceEqual(head2);
                return one.Equals(other) == expected && (!expected || one.GetHashCode() == other.GetHashCode());
            },
            iter: Iterations);
    }

    [Fact]
    public void A_copy_of_a_request_is_equal_and_hashes_the_same()
    {
        Any.Request.Sample(
            request =>
            {
                var copy = new BuildRequest
                {
                    Base = [.. request.Base],
                    Head = [.. request.Head.Select(change => new Change(change.Uris))],
                    Metadata = new BuildMetadata(request.Metadata.ToDictionary()),
                    TriggerKey = request.TriggerKey,
                };
                return copy == request && copy.GetHashCode() == request.GetHashCode();
            },
            iter: Iterations);
    }
}
