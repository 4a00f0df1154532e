using System.Collections.Concurrent;
using System.Diagnostics;

namespace BuildRunner.Testing;

/// <summary>Provides the cases for credentials.</summary>
internal static class SecretCases
{
    private static readonly ConformanceFault[] Faults =
    [
        ConformanceFault.TimedOut,
        ConformanceFault.RateLimited,
        ConformanceFault.AnswerLost,
        ConformanceFault.Refused,
        ConformanceFault.CredentialsRefused,
    ];

    public static IEnumerable<ConformanceCase> All =>
    [
        new("A4", "No credential is in an exception", NotInExceptions),
        new("A4", "No credential is in the metadata", NotInMetadata),
        new("A4", "No credential is in the log", NotInLogs),
        new("A4", "No credential is in a trace", NotInTraces),
    ];

    private static async Task NotInExceptions(ConformanceRun run)
    {
        var thrown = await GoWrongAsync(run).ConfigureAwait(false);
        var secrets = Secrets(run);
        if (thrown.Count == 0)
        {
            throw new ConformanceSkipException("The harness cannot make any call of the runner fail.");
        }

        foreach (var exception in thrown)
        {
            // Include all messages, inner exceptions and data.
            var text = string.Join(
                '\n',
                WithInner(exception).SelectMany(static each => each.Data.Values.Cast<object?>()).Prepend(exception));
            ConformanceRun.Check(!secrets.IsIn(text), $"The {exception.GetType()} that the runner threw contains one of its credentials.");
        }
    }

    private static async Task NotInMetadata(ConformanceRun run)
    {
        ConformanceBuild[] kinds = run.Has(BuildRunnerCapabilities.RunsBuilds)
            ? [ConformanceBuild.Succeeds, ConformanceBuild.Fails, ConformanceBuild.RunsLong]
            : [ConformanceBuild.Succeeds];
        List<BuildSnapshot> snapshots = [];
        foreach (var kind in kinds)
        {
            var buildId = await run.TriggerAsync(kind).ConfigureAwait(false);
            snapshots.Add(await run.StatusAsync(buildId).ConfigureAwait(false));
            var ending = kind == ConformanceBuild.RunsLong ? run.CancelToEndAsync(buildId) : run.WaitForEndAsync(buildId);
            snapshots.Add(await ending.ConfigureAwait(false));
        }

        var secrets = Secrets(run);
        foreach (var snapshot in snapshots)
        {
            var shown = snapshot.Metadata.ToDictionary().FirstOrDefault(pair => secrets.IsIn(pair.Value) || secrets.IsIn(pair.Key)).Key;
            ConformanceRun.Check(shown is null, $"The metadata of a build that is {snapshot.Status} contains a credential of the runner.");
        }
    }

    private static async Task NotInLogs(ConformanceRun run)
    {
        await run.RunToEndAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        await GoWrongAsync(run).ConfigureAwait(false);
        var secrets = Secrets(run);
        var lines = run.Harness.Harness.CapturedLogs is { Count: > 0 } captured
            ? captured
            : throw new ConformanceSkipException("The harness has not captured logs.");
        ConformanceRun.Check(!lines.Any(secrets.IsIn), "A log line of the runner contains one of its credentials.");
    }

    private static async Task NotInTraces(ConformanceRun run)
    {
        var names = run.Harness.Harness.ActivitySourceNames is { Count: > 0 } given
            ? given
            : throw new ConformanceSkipException("The harness names no activity sources.");
        using var root = new Activity("BuildRunner.Testing.Conformance").Start();
        ConcurrentQueue<Activity> seen = new();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => names.Contains(source.Name, StringComparer.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = seen.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await run.RunToEndAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        await GoWrongAsync(run).ConfigureAwait(false);
        var secrets = Secrets(run);

        // Others in the process may trace to the same sources, which proves nothing about this runner.
        ConformanceRun.Check(
            seen.Any(activity => activity.TraceId == root.TraceId),
            $"The activity sources of the harness ({string.Join(", ", names)}) had no activity in the trace of the case; name the sources "
            + "that the runner traces to, or none.");
        var shown = seen.FirstOrDefault(activity => Texts(activity).Any(secrets.IsIn));
        ConformanceRun.Check(shown is null, $"The activity '{shown?.OperationName}' contains a credential of the runner.");
    }

    /// <summary>Makes calls fail in every way that the harness supports, and returns the exceptions.</summary>
    private static async Task<IReadOnlyList<Exception>> GoWrongAsync(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(await run.LongRequestAsync().ConfigureAwait(false)).ConfigureAwait(false);
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        List<Exception?> thrown =
        [
            await run.CatchAsync(
                () => run.Runner.StatusAsync(run.Harness.Harness.UnknownBuildId, run.CancellationToken),
                "Status").ConfigureAwait(false),
            await run.CatchAsync(
                () => run.Runner.CancelAsync(run.Harness.Harness.UnknownBuildId, run.CancellationToken),
                "Cancel").ConfigureAwait(false),
        ];
        if (await run.TryRequestAsync(ConformanceBuild.Rejected).ConfigureAwait(false) is { } rejected)
        {
            thrown.Add(
                await run.CatchAsync(() => run.Runner.TriggerAsync(rejected, run.CancellationToken), "Trigger").ConfigureAwait(false));
        }

        foreach (var fault in Faults)
        {
            foreach (var call in Enum.GetValues<ConformanceCall>())
            {
                // A new instance, which was not asked to wait yet.
                ConformanceMembers members = new(run.CreateRunner(), request, buildId);
                thrown.Add(await FailAsync(run, fault, call, members).ConfigureAwait(false));
            }
        }

        return [.. thrown.OfType<Exception>()];
    }

    private static async Task<Exception?> FailAsync(
        ConformanceRun run,
        ConformanceFault fault,
        ConformanceCall call,
        ConformanceMembers members)
    {
        // Withdrawn at once, because a runner may not ask its backend again about a build that it knows to be ending.
        var injection = await run.TryInjectAsync(fault, call).ConfigureAwait(false);
        if (injection is null)
        {
            return null;
        }

        await using (injection.ConfigureAwait(false))
        {
            return await run.CatchAsync(injection, call, () => members.Call(call, run.CancellationToken)).ConfigureAwait(false);
        }
    }

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
        activity.TraceStateString,
        .. activity.Baggage.SelectMany(static pair => new[] { pair.Key, pair.Value }),
        .. activity.Events.Select(static one => one.Name),
        .. activity.TagObjects
            .Concat(activity.Events.SelectMany(static one => one.Tags))
            .Concat(activity.Links.SelectMany(static link => link.Tags ?? []))
            .SelectMany(static tag => Texts(tag.Value).Prepend(tag.Key)),
    ];

    // A tag may hold a list, such as the headers of a request.
    private static IEnumerable<string?> Texts(object? value) =>
        value is System.Collections.IEnumerable items and not string ? items.Cast<object?>().SelectMany(Texts) : [value?.ToString()];

    // After the calls, because the runner may have received a credential during them.
    private static SecretForms Secrets(ConformanceRun run)
    {
        run.Harness.Check();
        return run.Harness.Secrets is { IsEmpty: false } secrets
            ? secrets
            : throw new ConformanceSkipException("The harness names no credentials.");
    }
}
