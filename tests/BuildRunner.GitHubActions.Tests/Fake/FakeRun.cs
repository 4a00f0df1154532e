using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Tests.Fake;

/// <summary>A run, which lives by a clock as its changes say, or as a test does.</summary>
internal sealed class FakeRun(long id, string reference, string headSha, string title, JsonObject inputs, DateTimeOffset createdAt)
{
    private static readonly TimeSpan Queued = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Running = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Stopping = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<(DateTimeOffset At, int Attempt, string? Status, string? Conclusion)> _changes = [];

    private DateTimeOffset? _cancelledAt;

    public long Id { get; } = id;

    public string NodeId { get; } = $"WFR_kwLO{id}";

    public string Reference { get; } = reference;

    public string HeadSha { get; set; } = headSha;

    public string Title { get; set; } = title;

    public JsonObject Inputs { get; } = inputs;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    /// <summary>Gets or sets the file of the workflow.</summary>
    public string Path { get; set; } = ".github/workflows/build.yml@refs/heads/main";

    /// <summary>Gets or sets until when no list shows the run.</summary>
    public DateTimeOffset UnlistedUntil { get; set; }

    /// <summary>Gets or sets what to answer for the jobs, or null for one job that goes as the run does.</summary>
    public Func<IReadOnlyList<JsonObject>>? Jobs { get; set; }

    /// <summary>Gets or sets a value indicating whether a cancel is accepted and has no effect until it is forced.</summary>
    public bool IgnoresCancel { get; set; }

    /// <summary>Gets how many attempts there are.</summary>
    public int Attempts { get; private set; } = 1;

    public BuildRequest? Request => Inputs["build_request"]?.GetValue<string>() is { } text
        ? JsonSerializer.Deserialize<BuildRequest>(text) : null;

    public void Set(DateTimeOffset now, string? status, string? conclusion = null)
    {
        lock (_lock)
        {
            _changes.Add((now, Attempts, status, conclusion));
        }
    }

    /// <summary>Starts the run again, as a person does.</summary>
    public void RunAgain(DateTimeOffset now)
    {
        lock (_lock)
        {
            var (status, conclusion) = StateAt(now, Attempts);
            _changes.Add((now, Attempts, status, conclusion));
            Attempts++;
            _changes.Add((now, Attempts, "queued", null));
        }
    }

    public void Cancel(DateTimeOffset now, bool isForced)
    {
        lock (_lock)
        {
            if (!IgnoresCancel || isForced)
            {
                _cancelledAt ??= now;
                if (_changes.Count > 0 && _changes[^1].Status != "completed")
                {
                    _changes.Add((now + Stopping, Attempts, "completed", "cancelled"));
                }
            }
        }
    }

    public (string? Status, string? Conclusion) StateAt(DateTimeOffset now, int? attempt = null)
    {
        lock (_lock)
        {
            attempt ??= Attempts;
            if (_changes.FindLastIndex(change => change.At <= now && change.Attempt == attempt) is >= 0 and var set)
            {
                return (_changes[set].Status, _changes[set].Conclusion);
            }

            var ends = CreatedAt + Running;
            if (_cancelledAt + Stopping is { } stopped && stopped <= now && (Is("RunsLong") || Is("IgnoresCancel") || stopped < ends))
            {
                return ("completed", "cancelled");
            }

            return now < CreatedAt + Queued ? ("queued", null)
                : now < ends || Is("RunsLong") || Is("IgnoresCancel") ? ("in_progress", null)
                : ("completed", Is("Fails") ? "failure" : "success");
        }
    }

    private bool Is(string kind) => Request is { } request && request.Base.Concat(request.Head).SelectMany(static change => change.Uris)
        .Any(uri => uri.StartsWith($"test:{kind}/", StringComparison.Ordinal));
}
