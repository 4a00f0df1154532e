using System.Text;
using CsCheck;

namespace BuildRunner.Tests.Builds;

/// <summary>Generators of every value that the types accept.</summary>
internal static class Any
{
    private const int Surrogates = 0x800;

    private static readonly Gen<Rune> Runes = Gen.OneOf(
        Gen.Int[0x20, 0x7E].Select(code => new Rune(code)),
        Gen.Int[0, 0x10FFFF - Surrogates].Select(code => new Rune(code < 0xD800 ? code : code + Surrogates)));

    public static Gen<string> Text { get; } = Runes.Array[0, 12].Select(string.Concat);

    public static Gen<BuildId> BuildId { get; } = Text.Where(text => !string.IsNullOrWhiteSpace(text)).Select(text => new BuildId(text));

    public static Gen<BuildStatus> BuildStatus { get; } = Gen.Enum<BuildStatus>();

    public static Gen<KeyValuePair<string, string>[]> Pairs { get; } =
        Gen.Select(Text, Text, KeyValuePair.Create).Array[0, 6].Select(pairs => pairs.DistinctBy(pair => pair.Key).ToArray());

    public static Gen<BuildMetadata> Metadata { get; } = Pairs.Select(pairs => new BuildMetadata(pairs));

    public static Gen<string> Uri { get; } =
        Runes.Where(rune => !Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune)).Array[1, 12].Select(runes => "git://host/" + string.Concat(runes));

    public static Gen<Change> Change { get; } = Uri.Array[1, 3].Select(uris => new Change(uris));

    public static Gen<BuildRequest> Request { get; } = Gen.Select(
        Change.Array[0, 3],
        Change.Array[0, 3],
        Metadata,
        Gen.OneOf(Gen.Const((string?)null), Text.Select(text => (string?)string.Concat(text.Where(unit => !char.IsControl(unit))) + "k")),
        (@base, head, metadata, key) => new BuildRequest { Base = @base, Head = head, Metadata = metadata, TriggerKey = key });

    public static Gen<BuildSnapshot> Snapshot { get; } = Gen.Select(
        BuildStatus,
        Metadata,
        Gen.OneOf(Gen.Const((TimeSpan?)null), Gen.TimeSpan.Select(span => (TimeSpan?)span)),
        (status, metadata, pollAfter) => new BuildSnapshot { Status = status, Metadata = metadata, PollAfter = pollAfter });
}
