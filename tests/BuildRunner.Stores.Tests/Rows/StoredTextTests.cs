using BuildRunner.Relational;
using CsCheck;

namespace BuildRunner.Stores.Tests.Rows;

public sealed class StoredTextTests
{
    private const string Special = "\\\0u0\ud800\udbff\udc00\udfff";

    // Much of what is special, at every place.
    private static readonly Gen<string> Any = Gen.OneOf(Gen.Char, Gen.Int[0, Special.Length - 1].Select(static index => Special[index])).Array[0, 12].Select(static characters => new string(characters));

    [Fact]
    public void A_text_is_read_as_it_was_written() => Any.Sample(static text => StoredText.Read(StoredText.Write(text)) == text);

    [Fact]
    public void What_is_written_a_column_can_have() => Any.Sample(static text => StoredText.IsFit(StoredText.Write(text)));

    [Fact]
    public void Texts_that_differ_are_written_differently() => Gen.Select(Any, Any).Sample(static (one, other) => one == other || StoredText.Write(one) != StoredText.Write(other));

    [Fact]
    public void A_text_without_what_is_special_is_written_as_it_is() => StoredText.Write("a \ud83d\ude00 \"b\"\n").Should().Be("a \ud83d\ude00 \"b\"\n");
}
