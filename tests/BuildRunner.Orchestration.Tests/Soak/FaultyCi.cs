using System.Diagnostics;
using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>The CI: a <see cref="FakeBuildRunner"/> in real time that records its calls. Any call may fail. Each trigger creates a build, so that a blind repeat is seen.</summary>
internal sealed class FaultyCi
{
    private const int TransientPercent = 5;
    private const int LostPercent = 2;

    private readonly Lock _gate = new();
    private readonly FakeBuildRunner _runner = new();
    private readonly Random _random;
    private readonly SoakPlan _plan;
    private readonly HashSet<BuildId> _flooded = [];
    private readonly Dictionary<BuildId, RemoteBuild> _builds = [];
    private readonly Dictionary<string, List<RemoteBuild>> _byKey = [];
    private readonly Dictionary<string, DateTimeOffset> _held = [];
    private readonly List<RemoteBuild> _limited = [];

    public FaultyCi(SoakOptions options, SoakPlan plan)
    {
        _random = options.Random(2);
        _plan = plan;
        _runner.EveryBuild(plan.ScriptOf);
    }

    /// <summary>Gets or sets a value indicating whether the CI is away.</summary>
    public bool IsAway { get; set; }

    public IReadOnlyCollection<RemoteBuild> Builds => _builds.Values;

    /// <summary>Gets the keys for which a build was created while there was one.</summary>
    public List<string> CreatedTwice { get; } = [];

    /// <summary>Gets the keys that had running builds of the limited runner each time when there were more than it may have.</summary>
    public List<(DateTimeOffset At, IReadOnlySet<string> Keys)> Crowds { get; } = [];

    /// <summary>Gets for how many keys there were running builds of the limited runner at most.</summary>
    public int MostInFlight { get; private set; }

    /// <summary>Gets the keys for which a build was created although the runner was held for longer than a trigger may take.</summary>
    public List<string> CreatedInHold { get; } = [];

    public List<Wake> Wakes { get; } = [];

    public int Transients { get; private set; }

    public int Lost { get; private set; }

    /// <summary>Gets how many triggers came too late to be of use to who had asked.</summary>
    public int Late { get; private set; }

    public IReadOnlyList<RemoteBuild> Of(string key) => _byKey.GetValueOrDefault(key, []);

    /// <summary>Determines whether a call is about a build that webhooks come for, so that several messages poll it.</summary>
    public bool IsFlooded(CiRequest request)
    {
        lock (_gate)
        {
            return request is { Operation: CiOperation.Status, BuildId: { } buildId } && _flooded.Contains(buildId);
        }
    }

    /// <summary>Notes that a hold of a runner was saved.</summary>
    public void Hold(string runner)
    {
        lock (_gate)
        {
            _held[runner] = DateTimeOffset.UtcNow;
        }
    }

    /// <summary>Notes that it is about to end.</summary>
    public void Resume(string runner)
    {
        lock (_gate)
        {
            _held.Remove(runner);
        }
    }

    /// <summary>Answers a call.</summary>
    /// <returns>The answer, or <see langword="null"/> if it is lost.</returns>
    public CiAnswer? Answer(CiRequest request)
    {
        // The fake answers at once, so one at a time is no hindrance.
        lock (_gate)
        {
            var luck = _random.Next(100);
            var poll = request.Operation == CiOperation.Status ? _builds[request.BuildId!.Value] : null;
            poll?.Polls.Add((DateTimeOffset.UtcNow, null));
            if (request.Operation != CiOperation.Wake && (IsAway || luck < TransientPercent))
            {
                Transients++;
                return new() { Error = CiError.Transient };
            }

            var isLost = luck >= 100 - LostPercent;
            var answer = Do(request);
            if (isLost || answer is null)
            {
                Lost++;
                return null;
            }

            if (poll is not null && answer.Snapshot is { } snapshot)
            {
                poll.Polls[^1] = poll.Polls[^1] with { Answer = snapshot.Status };
            }

            return answer;
        }
    }

    /// <summary>Looks how all builds have ended.</summary>
    public void Close()
    {
        lock (_gate)
        {
            foreach (var build in _builds.Values)
            {
                build.End = StatusOf(build.Id)?.Status;
            }
        }
    }

    private CiAnswer? Do(CiRequest request)
    {
        switch (request.Operation)
        {
            case CiOperation.Trigger:
                return Create(request);
            case CiOperation.Find:
                return new() { BuildId = Living(request.Key!)?.Id };
            case CiOperation.Status:
                var buildId = request.BuildId!.Value;
                if (StatusOf(buildId) is not { } snapshot)
                {
                    return new() { Error = CiError.NotFound };
                }

                _builds[buildId].Told.Add(snapshot.Status);
                return new() { Snapshot = snapshot };
            case CiOperation.Cancel:
                return Cancel(request.BuildId!.Value);
            default:
                Wakes.Add(request.Wake!);
                return new();
        }
    }

    private CiAnswer? Create(CiRequest request)
    {
        // As a call with a deadline: what its caller has given up is not begun any more.
        if (Stopwatch.GetElapsedTime(request.SentAt) >= SoakStage.TriggerTimeout)
        {
            Late++;
            return null;
        }

        var key = request.Request!.TriggerKey!;
        if (Living(key) is not null)
        {
            CreatedTwice.Add(key);
        }

        // The id has no more of it.
        var attempt = key.Length > Guid.Empty.ToString().Length ? key[(key.LastIndexOf('-') + 1)..] : "1";
        var metadata = request.Request.Metadata.SetItems([new(SoakPlan.AttemptKey, attempt)]);
        var id = _runner.TriggerAsync(request.Request with { TriggerKey = null, Metadata = metadata }).GetAwaiter().GetResult();
        RemoteBuild build = new(id, key);
        _builds.Add(id, build);
        if (_plan.Of(request.Request).IsFlooded)
        {
            _flooded.Add(id);
        }

        if (!_byKey.TryGetValue(key, out var builds))
        {
            _byKey.Add(key, builds = []);
        }

        builds.Add(build);
        Count(request.Runner, build);
        return new() { BuildId = id };
    }

    private void Count(string runner, RemoteBuild build)
    {
        var now = DateTimeOffset.UtcNow;
        if (_held.TryGetValue(runner, out var since) && now > since + SoakStage.TriggerTimeout)
        {
            CreatedInHold.Add(build.Key);
        }

        if (runner == SoakStage.Limited)
        {
            _limited.Add(build);
            _limited.RemoveAll(known => StatusOf(known.Id) is not { } status || status.Status.IsTerminal());
            HashSet<string> keys = [.. _limited.Select(static known => known.Key)];
            MostInFlight = Math.Max(MostInFlight, keys.Count);
            if (keys.Count > SoakStage.MaxInFlight)
            {
                Crowds.Add((now, keys));
            }
        }
    }

    private CiAnswer Cancel(BuildId buildId)
    {
        try
        {
            _runner.CancelAsync(buildId).GetAwaiter().GetResult();
            return new();
        }
        catch (BuildNotFoundException)
        {
            return new() { Error = CiError.NotFound };
        }
    }

    private RemoteBuild? Living(string key) => Of(key).FirstOrDefault(build => StatusOf(build.Id) is not null);

    private BuildSnapshot? StatusOf(BuildId buildId)
    {
        try
        {
            return _runner.StatusAsync(buildId).GetAwaiter().GetResult();
        }
        catch (BuildNotFoundException)
        {
            return null;
        }
    }
}
