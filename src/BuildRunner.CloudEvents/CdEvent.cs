using System.Globalization;
using BuildRunner.Orchestration;

namespace BuildRunner.CloudEvents;

/// <summary>Represents a CDEvent of a pipeline run, as its schema has it.</summary>
internal sealed record CdEvent(CdEvent.ContextPart Context, CdEvent.SubjectPart Subject, CdEvent.CustomPart CustomData)
{
    private const string SpecVersion = "0.5.1";
    private const string EventVersion = "0.3.0";

    public static CdEvent Of(Build build, Uri source, string predicate, DateTimeOffset time)
    {
        var subject = build.Id.ToString();
        ContextPart context = new(
            SpecVersion,
            string.Create(CultureInfo.InvariantCulture, $"{subject}/{build.Attempt}/{predicate}"),
            source.OriginalString,
            $"dev.cdevents.pipelinerun.{predicate}.{EventVersion}",
            time);
        var outcome = BuildCloudEvent.OutcomeOf(build);
        var errors = outcome is null or "success" ? null : build.Note;
        return new(context, new(subject, new(build.Runner, UriOf(build), outcome, errors)), CustomPart.Of(build));
    }

    // The schema of the started event requires a URI.
    private static string UriOf(Build build) =>
        build.Metadata.TryGetValue(BuildMetadataKeys.Url, out var url) && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            ? uri.AbsoluteUri
            : $"urn:uuid:{build.Id}";

    internal sealed record ContextPart(string Specversion, string Id, string Source, string Type, DateTimeOffset Timestamp);

    internal sealed record SubjectPart(string Id, ContentPart Content);

    internal sealed record ContentPart(string PipelineName, string Uri, string? Outcome, string? Errors);

    /// <summary>What the vocabulary has no word for.</summary>
    internal sealed record CustomPart(
        string Key,
        string OwnerId,
        string? RemoteId,
        string? FailureKind,
        int Attempt,
        long Version,
        DateTimeOffset CreatedAt,
        DateTimeOffset? AcceptedAt,
        DateTimeOffset? StartedAt,
        DateTimeOffset? EndedAt)
    {
        public static CustomPart Of(Build build) => new(
            build.Key,
            build.OwnerId,
            build.RemoteId?.Value,
            BuildCloudEvent.KindOf(build),
            build.Attempt,
            build.Version,
            build.CreatedAt,
            build.AcceptedAt,
            build.StartedAt,
            build.EndedAt);
    }
}
