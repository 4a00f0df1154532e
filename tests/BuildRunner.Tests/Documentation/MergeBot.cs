namespace BuildRunner.Tests.Documentation;

/// <summary>Code of a consumer. It merges a change if the change builds on top of those that are queued before it.</summary>
internal sealed class MergeBot(IBuildRunner runner, TimeProvider clock)
{
    public async Task<bool> MayMergeAsync(IReadOnlyList<Change> queued, Change candidate, CancellationToken cancellationToken = default)
    {
        var buildId = await runner.TriggerAsync(queued, [candidate], [new("queue", "main")], cancellationToken);
        try
        {
            var options = new BuildWaitOptions { Timeout = TimeSpan.FromHours(1), TimeProvider = clock };
            var end = await runner.WaitForCompletionAsync(buildId, options, cancellationToken);
            return end.Status == BuildStatus.Succeeded;
        }
        catch (TimeoutException)
        {
            await runner.CancelAsync(buildId, cancellationToken);
            return false;
        }
    }
}
