using System.Collections.Concurrent;

namespace BuildRunner.Orchestration;

/// <summary>Remembers the documents of runners as this process last saw them, so that most triggers and submissions read none. Safe for use
/// by several threads.</summary>
internal sealed class RunnerControls(IBuildStore store, TimeProvider timeProvider)
{
    // How late a submission may see a pause that another process has saved.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Adds to a reading what this process knows of the runner, unless that is a hold, which may be over. Who relies on it lets
    /// the save depend on the document.</summary>
    public BuildReading Presume(BuildReading reading)
    {
        if (reading.Build is not { } build)
        {
            return reading;
        }

        var name = DocumentNames.OfRunner(build.Runner);
        var document = _known.TryGetValue(name, out var known) ? known.Document : null;
        if (RunnerControl.Read(document).IsHeld)
        {
            return reading;
        }

        Dictionary<string, BuildDocument?> documents = new(reading.Documents, StringComparer.Ordinal) { [name] = document };
        return reading with { Documents = documents };
    }

    /// <summary>Gets the control of a runner. A pause is at most a second late.</summary>
    public async ValueTask<RunnerControl> GetAsync(string runner, CancellationToken cancellationToken)
    {
        var name = DocumentNames.OfRunner(runner);
        if (_known.TryGetValue(name, out var known) && timeProvider.GetElapsedTime(known.ReadAt) < Freshness
            && RunnerControl.Read(known.Document) is { Pause: null } control)
        {
            return control;
        }

        var start = timeProvider.GetTimestamp();
        var reading = await store.ReadDocumentsAsync([name], cancellationToken).ConfigureAwait(false);
        var document = reading.Documents.Count == 0 ? null : reading.Documents[0];
        Note(name, document, start);
        return RunnerControl.Read(document);
    }

    /// <summary>Notes a document that was read or saved, if it is that of a runner.</summary>
    public void Note(string name, BuildDocument? document, long readAt)
    {
        if (name.StartsWith(DocumentNames.Runners, StringComparison.Ordinal))
        {
            Known read = new(document, readAt);
            _known.AddOrUpdate(name, read, (_, known) => (known.Document?.Version ?? 0) > (document?.Version ?? 0) ? known : read);
        }
    }

    private sealed record Known(BuildDocument? Document, long ReadAt);
}
