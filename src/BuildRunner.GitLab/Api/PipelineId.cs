using System.Globalization;
using System.Text.RegularExpressions;

namespace BuildRunner.GitLab.Api;

/// <summary>The id of a pipeline and, if a merged commit is built, the beginning of the commit that it must have built.</summary>
internal sealed partial record PipelineId(long Number, string? Revision)
{
    public BuildId BuildId => new(Revision is null ? Text : $"{Text}-{Revision}");

    public string Text => Number.ToString(CultureInfo.InvariantCulture);

    public static PipelineId Of(long number, string? commitId) => new(number, commitId is { Length: >= 40 } ? commitId[..16] : null);

    public static PipelineId Parse(BuildId buildId)
    {
        BuildId.ThrowIfDefault(buildId);
        return Form().Match(buildId.Value) is { Success: true } match
            && long.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new PipelineId(number, match.Groups["revision"] is { Success: true } revision ? revision.Value : null)
            : throw new BuildNotFoundException(buildId);
    }

    [GeneratedRegex(@"^(?<number>[1-9][0-9]{0,18})(-(?<revision>[0-9a-f]{16}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
