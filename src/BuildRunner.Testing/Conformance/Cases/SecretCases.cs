using System.Diagnostics;

namespace BuildRunner.Testing;

/// <summary>The cases of the clause on credentials.</summary>
internal static class SecretCases
{
    private static readonly ConformanceFault[] Faults = [ConformanceFault.TimedOut, ConformanceFault.RateLimited, ConformanceFault.AnswerLost];

    public static IEnumerable<ConformanceCase> All =>
    [
        new("A4", "No credential is in an exception", NotInExceptions),
        new("A4", "No credential is in the metadata", NotInMetadata),
        new("A4", "No credential is in the log", NotInLogs),
        new("A4", "No credential is in a trace", NotInTraces),
    ];

    private static async Task NotInExceptions(ConformanceRun run)
    {
        var secrets = Secrets(run);
        foreach (var exception in await GoWrongAsync(run).ConfigureAwait(false))
        {
            // All of it: messages, those of the inner ones, data.
            var text = string.Join('\n', WithInner(exception).SelectMany(static each => each.Data.Values.Cast<object?>()).Prepend(exception));
            ConformanceRun.Check(!Shows(secrets, text), $"A credential of the runner is in the {exception.GetType()} that it threw.");
        }
    }

    private static async Task NotInMetadata(ConformanceRun run)
    {
        var secrets = Secrets(run);
        var (_, snapshot) = await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        var shown = snapshot.Metadata.FirstOrDefault(pair => Shows(secrets, pair.Value)).Key;
        ConformanceRun.Check(shown is null, $"A credential of the runner is in the metadata under '{shown}'.");
    }

    private static async Task NotInLogs(ConformanceRun run)
    {
        var secrets = Secrets(run);
        await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        await GoWrongAsync(run).ConfigureAwait(false);
        var lines = run.Harness.CapturedLogs ?? throw new ConformanceSkipException("The harness does not capture logs.");
        ConformanceRun.Check(!lines.Any(line => Shows(secrets, line)), "A credential of the runner is in a line that it logged.");
    }

    private static async Task NotInTraces(ConformanceRun run)
    {
        var secrets = Secrets(run);
        string? shown = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => shown = Texts(activity).Any(text => Shows(secrets, text)) ? activity.OperationName : shown,
        };
        ActivitySource.AddActivityListener(listener);
        await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        await GoWrongAsync(run).ConfigureAwait(false);
        ConformanceRun.Check(shown is null, $"A credential of the runner is in the activity '{shown}'.");
    }

    /// <summary>Lets calls fail, in as many ways as the harness has, and gets what they throw.</summary>
    private static async Task<IReadOnlyList<Exception>> GoWrongAsync(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var request = run.Request(ConformanceBuild.Succeeds);
        List<Exception?> thrown =
        [
            await run.CatchAsync(() => run.Runner.StatusAsync(run.Harness.UnknownBuildId, run.CancellationToken), "Status").ConfigureAwait(false),
            await run.CatchAsync(() => run.Runner.CancelAsync(run.Harness.UnknownBuildId, run.CancellationToken), "Cancel").ConfigureAwait(false),
        ];
        if (run.Harness.CreateRequest(ConformanceBuild.Rejected) is { } rejected)
        {
            thrown.Add(await run.CatchAsync(() => run.Runner.TriggerAsync(rejected, run.CancellationToken), "Trigger").ConfigureAwait(false));
        }

        foreach (var fault in Faults)
        {
            thrown.Add(await FailAsync(run, fault, () => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false));
            thrown.Add(await FailAsync(run, fault, () => run.Runner.StatusAsync(buildId, run.CancellationToken), "Status").ConfigureAwait(false));
        }

        return [.. thrown.OfType<Exception>()];
    }

    private static async Task<Exception?> FailAsync(ConformanceRun run, ConformanceFault fault, Func<Task> call, string name) =>
        await run.Harness.InjectAsync(fault, run.CancellationToken).ConfigureAwait(false)
            ? await run.CatchAsync(call, name).ConfigureAwait(false)
            : null;

    private static IEnumerable<Exception> WithInner(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            yield return current;
        }
    }

    private static IEnumerable<string?> Texts(Activity activity) =>
    [
        activity.DisplayName,
        activity.StatusDescription,
        .. activity.TagObjects.Concat(activity.Events.SelectMany(static one => one.Tags)).Select(static tag => tag.Value?.ToString()),
        .. activity.Baggage.Select(static pair => pair.Value),
    ];

    private static bool Shows(IReadOnlyList<string> secrets, string? text) => text is not null && secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal));

    private static IReadOnlyList<string> Secrets(ConformanceRun run) => run.Harness.Secrets is { Count: > 0 } secrets
        ? secrets
        : throw new ConformanceSkipException("The harness names no credentials.");
}
