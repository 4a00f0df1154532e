using System.Globalization;
using System.Text.RegularExpressions;

namespace BuildRunner.Http.Runners;

/// <summary>A build id that is a number of the service and, for a merged commit, the beginning of its id, which must have been
/// built.</summary>
internal sealed partial record NumberedId(long Number, string? Revision)
{
    private const int RevisionLength = 16;

    public BuildId BuildId => new(Revision is null ? Text : $"{Text}-{Revision}");

    public string Text => Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads an id, which comes out of a store: only a number may become part of an address.</summary>
    public static NumberedId Parse(BuildId buildId)
    {
        BuildId.ThrowIfDefault(buildId);
        return Form().Match(buildId.Value) is { Success: true } match
            && long.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new NumberedId(number, match.Groups["revision"] is { Success: true } revision ? revision.Value : null)
            : throw new BuildNotFoundException(buildId);
    }

    public static NumberedId Of(long number, string? commitId) =>
        new(number, commitId is { Length: >= 40 } ? RevisionOf(commitId) : null);

    public static string RevisionOf(string commitId) => commitId[..RevisionLength];

    /// <summary>Determines whether a commit is that of the id. Any is if the id has none.</summary>
    public bool IsOf(string? commitId) => Revision is null || commitId?.StartsWith(Revision, StringComparison.OrdinalIgnoreCase) == true;

    [GeneratedRegex(@"^(?<number>[1-9][0-9]{0,18})(-(?<revision>[0-9a-f]{16}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
