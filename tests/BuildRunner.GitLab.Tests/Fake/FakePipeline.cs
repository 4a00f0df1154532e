using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.GitLab.Tests.Fake;

/// <summary>A pipeline, which lives by a clock as its changes say, or as a test does.</summary>
internal sealed class FakePipeline
{
    private static readonly TimeSpan Pending = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Running = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Stopping = TimeSpan.FromSeconds(1);
    private static readonly string[] Uncancelable = ["success", "failed", "canceled", "skipped", "manual", "canceling"];

    private readonly Lock _lock = new();
    private readonly List<(DateTimeOffset At, string? Status)> _changes;

    public FakePipeline(long id, string source, string reference, string sha, IReadOnlyDictionary<string, string> variables,
        DateTimeOffset createdAt)
    {
        (Id, Source, Reference, Sha, Variables, CreatedAt) = (id, source, reference, sha, variables, createdAt);
        _changes = [(createdAt, "created"), (createdAt + Pending, "running")];
        if (!Is("RunsLong") && !Is("IgnoresCancel"))
        {
            _changes.Add((createdAt + Running, Is("Fails") ? "failed" : "success"));
        }
    }

    public long Id { get; }

    public string Source { get; }

    public string Reference { get; }

    public string Sha { get; set; }

    public string? Name { get; set; }

    public IReadOnlyDictionary<string, string> Variables { get; set; }

    public DateTimeOffset CreatedAt { get; }

    /// <summary>Gets or sets until when no list shows the pipeline.</summary>
    public DateTimeOffset UnlistedUntil { get; set; }

    /// <summary>Gets or sets what to answer for the jobs, or null for one job that goes as the pipeline does.</summary>
    public IReadOnlyList<JsonObject>? Jobs { get; set; }

    /// <summary>Gets or sets the jobs that start other pipelines.</summary>
    public IReadOnlyList<JsonObject> Bridges { get; set; } = [];

    /// <summary>Gets or sets a value indicating whether a status of the pipeline changes without its time.</summary>
    public bool HidesChanges { get; set; }

    public BuildRequest? Request => Variables.GetValueOrDefault("BUILD_REQUEST") is { } text && text.StartsWith('{')
        ? JsonSerializer.Deserialize<BuildRequest>(text) : null;

    public void Set(DateTimeOffset now, string? status)
    {
        lock (_lock)
        {
            _changes.RemoveAll(change => change.At > now);
            _changes.Add((now, status));
        }
    }

    public string? StatusAt(DateTimeOffset now)
    {
        lock (_lock)
        {
            return _changes.FindLast(change => change.At <= now).Status;
        }
    }

    public DateTimeOffset UpdatedAt(DateTimeOffset now)
    {
        lock (_lock)
        {
            return HidesChanges ? CreatedAt : _changes.FindLast(change => change.At <= now).At;
        }
    }

    /// <summary>Does what GitLab does when it is asked to cancel: nothing to a pipeline that cannot be cancelled.</summary>
    public void Cancel(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!Uncancelable.Contains(StatusAt(now)))
            {
                var wasRunning = StatusAt(now) == "running";
                Set(now, wasRunning ? "canceling" : "canceled");
                if (wasRunning && !Is("IgnoresCancel"))
                {
                    _changes.Add((now + Stopping, "canceled"));
                }
            }
        }
    }

    /// <summary>Ends what is left of a pipeline that is being cancelled.</summary>
    public void Force(DateTimeOffset now)
    {
        if (StatusAt(now) == "canceling")
        {
            Set(now, "canceled");
        }
    }

    private bool Is(string kind) => Request is { } request && request.Base.Concat(request.Head).SelectMany(static change => change.Uris)
        .Any(uri => uri.StartsWith($"test:{kind}/", StringComparison.Ordinal));
}
