using System.Text;
using CsCheck;

namespace BuildRunner.Queue.Tests.Rules;

public sealed class LockOrderTests
{
    // Few characters, so that texts often begin alike, on both sides of the surrogates and of one, two and three bytes.
    private static readonly string[] Characters =
        ["a", "b", "\u007f", "\u00e9", "\u07ff", "\ud7ff", "\ue000", "\uffff", "\ud800\udc00", "\ud83d\ude00", "\udbff\udfff"];

    private static readonly Gen<string> Text =
        Gen.Int[0, Characters.Length - 1].Array[0, 4].Select(static places => string.Concat(places.Select(static place => Characters[place])));

    [Fact]
    public void Keys_are_locked_in_the_order_of_their_bytes() => Gen.Select(Text, Text).Sample((one, other) =>
    {
        var ofBytes = Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));

        Math.Sign(PublishTransaction.LockOrder.Compare(one, other)).Should().Be(Math.Sign(ofBytes), $"of '{one}' and '{other}'");
    });
}
