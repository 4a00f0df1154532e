using System.Globalization;
using System.Text.RegularExpressions;

namespace BuildRunner.Jenkins.Api;

/// <summary>The number of a queue item, and what its build has of the trigger key: another item may get the number one day.</summary>
internal sealed partial record ItemId(long QueueId, string KeyPart)
{
    public BuildId BuildId => new($"{QueueId}-{KeyPart}");

    public static ItemId Parse(BuildId buildId)
    {
        BuildId.ThrowIfDefault(buildId);
        return Form().Match(buildId.Value) is { Success: true, Groups: var groups }
            && long.TryParse(groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new ItemId(id, groups[2].Value) : throw new BuildNotFoundException(buildId);
    }

    [GeneratedRegex(@"^([1-9][0-9]{0,18})-([0-9a-f]{16})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
