using BuildRunner.Http.Runners;

namespace BuildRunner.Jenkins.Api;

/// <summary>The number of a queue item, and what its build has of the trigger key: another item may get the number one day.</summary>
internal sealed record ItemId(long QueueId, string KeyPart)
{
    public BuildId BuildId => new($"{QueueId}-{KeyPart}");

    public static ItemId Parse(BuildId buildId) => NumberedId.Parse(buildId) is (var queueId, { } keyPart)
        ? new ItemId(queueId, keyPart) : throw new BuildNotFoundException(buildId);
}
