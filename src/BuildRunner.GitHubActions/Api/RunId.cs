using System.Globalization;
using System.Text.RegularExpressions;
using BuildRunner.Http;

namespace BuildRunner.GitHubActions.Api;

/// <summary>
/// Represents a build id: the number of the run and, for a merged commit, the beginning of the commit id, which the run must match.
/// </summary>
internal sealed partial record RunId(long Number, string? Revision)
{
    public BuildId BuildId => new(Revision is null ? Text : $"{Text}-{Revision}");

    public string Text => Number.ToString(CultureInfo.InvariantCulture);

    public static RunId Parse(BuildId buildId)
    {
        BuildId.ThrowIfDefault(buildId);
        return Form().Match(buildId.Value) is { Success: true } match
            && long.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new RunId(number, match.Groups["revision"] is { Success: true } revision ? revision.Value : null)
            : throw new BuildNotFoundException(buildId);
    }

    public static RunId Of(long number, string? headSha, ChangesForm changes) =>
        new(number, changes == ChangesForm.Merged && headSha is { Length: >= 40 } ? RunToken.RevisionOf(headSha) : null);

    [GeneratedRegex(@"^(?<number>[1-9][0-9]{0,18})(-(?<revision>[0-9a-f]{16}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
