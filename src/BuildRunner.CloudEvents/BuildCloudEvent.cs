using System.Text.Json;
using BuildRunner.Orchestration;
using CloudNative.CloudEvents;

namespace BuildRunner.CloudEvents;

/// <summary>Creates the CloudEvent of a build: what has happened to it last. An event that is published again has the
/// same id; its data may be newer.</summary>
internal static class BuildCloudEvent
{
    private const string Queued = "queued";
    private const string Started = "started";
    private const string Finished = "finished";

    /// <summary>Creates the event, or null if the status of the build has none.</summary>
    public static CloudEvent? Of(Build build, Uri source)
    {
        (string? Predicate, DateTimeOffset Time) last = build.Status switch
        {
            BuildStatus.Accepted when build.AcceptedAt is { } accepted => (Queued, accepted),
            BuildStatus.Running => (Started, build.StartedAt ?? build.UpdatedAt),
            _ when build.Status.IsTerminal() => (Finished, build.EndedAt ?? build.UpdatedAt),
            _ => (null, default),
        };
        if (last.Predicate is not { } predicate)
        {
            return null;
        }

        var data = CdEvent.Of(build, source, predicate, last.Time);
        return new CloudEvent
        {
            Id = data.Context.Id,
            Source = source,
            Type = data.Context.Type,
            Subject = data.Subject.Id,
            Time = last.Time,
            DataContentType = "application/json",
            Data = JsonSerializer.SerializeToElement(data, CdEventJson.Default.CdEvent),
        };
    }

    /// <summary>Gets how a build ended, or null if it has not.</summary>
    public static string? OutcomeOf(Build build) => build.Status switch
    {
        BuildStatus.Succeeded => "success",
        BuildStatus.Cancelled => "cancel",

        // The change is not to blame.
        BuildStatus.Failed when KindOf(build) is BuildFailureKinds.Infra or BuildFailureKinds.Timeout or BuildFailureKinds.Rejected =>
            "error",
        BuildStatus.Failed => "failure",
        _ => null,
    };

    public static string? KindOf(Build build) => build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind);
}
