namespace BuildRunner.Http.Runners;

internal static class JobLogs
{
    /// <summary>Opens the logs of jobs one after the other, each below a heading, without those that are missing.</summary>
    public static Task<Stream> OpenLogsAsync(
        this HttpBackend backend,
        IEnumerable<(string Address, string? Job, string? State)> logs,
        bool followsRedirects,
        CancellationToken cancellationToken)
    {
        var texts = logs.Select(log => new HttpText(log.Address)
        {
            Heading = $"== {log.Job} ({log.State})\n",
            FollowsRedirects = followsRedirects,
            MayBeMissing = true,
        });
        return backend.OpenTextAsync([.. texts], cancellationToken);
    }
}
