namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The life of one build, from its submission to its end.</summary>
internal sealed record CrashScenario
{
    /// <summary>The text of a note that says that a build may run on, or have been created.</summary>
    public static readonly IReadOnlyList<string> Doubts = ["may run on", "may have created"];

    public required string Name { get; init; }

    /// <summary>Gets how it ends.</summary>
    public required CrashEnd End { get; init; }

    /// <summary>Gets how it ends where the runner cannot find by key, or <see langword="null"/> if in the same way.</summary>
    public CrashEnd? EndWithoutFinding { get; init; }

    /// <summary>Gets a value indicating whether the process that goes on is hit as well. That takes the square of the time.</summary>
    public bool IsHitTwice { get; init; }

    /// <summary>Gets a value indicating whether no build is ever created.</summary>
    public bool CreatesNone { get; init; }

    /// <summary>Gets a value indicating whether it depends on the hit whether a build is created.</summary>
    public bool MayCreateNone { get; init; }

    /// <summary>Gets a value indicating whether the remote build may run on, which the note says then.</summary>
    public bool MayRunOn { get; init; }

    /// <summary>Gets when the build ends at the earliest, counted from its submission, unless it is cancelled.</summary>
    public TimeSpan EndsAfter { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan PollDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how it may end as well if somebody cancels it: as it was by then, if it is not tried again for that.</summary>
    public CrashEnd? EndIfCancelled { get; init; }

    /// <summary>Gets how many attempts it takes.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>Gets when it is tried again.</summary>
    public RetryOptions Retry { get; init; } = new();

    public TimeSpan? PendingTimeout { get; init; }

    public TimeSpan? RunTimeout { get; init; }

    /// <summary>Gets how many lookups of the key fail first.</summary>
    public int FindErrors { get; init; }

    /// <summary>Gets how many triggers fail first because of the setup of the runner.</summary>
    public int TriggerFaults { get; init; }

    /// <summary>Gets how many polls fail first because of the setup of the runner.</summary>
    public int StatusFaults { get; init; }

    /// <summary>Gets how many cancels fail first because of the setup of the runner.</summary>
    public int CancelFaults { get; init; }

    /// <summary>Gets how long these failures ask for, or <see langword="null"/> if they say nothing.</summary>
    public TimeSpan? FaultsRetryAfter { get; init; }

    /// <summary>Gets for how long no process is there once the deadline was seen to have passed.</summary>
    public TimeSpan Outage { get; init; }

    /// <summary>Gets a value indicating whether another build of the same runner was submitted before it.</summary>
    public bool HasNeighbour { get; init; }

    /// <summary>Gets how the runner is limited.</summary>
    public Action<BuildRunnerOptions> Configure { get; init; } = static _ => { };

    /// <summary>Gets what the CI does.</summary>
    public Action<FakeBuildRunner> Arrange { get; init; } = static _ => { };

    /// <summary>Gets which calls fail before they are made.</summary>
    public Func<CrashWorld, StageCall, bool> Fails { get; init; } = static (_, _) => false;

    /// <summary>Gets what callers do beside submitting, each once, one after the other.</summary>
    public IReadOnlyList<CrashAction> Actions { get; init; } = [];

    /// <summary>Gets how the build is submitted.</summary>
    public Func<IBuildOrchestrator, BuildSubmission, CancellationToken, Task> SubmitAsync { get; init; } =
        static (orchestrator, submission, cancellationToken) => orchestrator.SubmitAsync(submission, cancellationToken);

    /// <summary>Gets the key of the group that the build is in, or <see langword="null"/> for none.</summary>
    public string? GroupKey { get; init; }

    /// <summary>Gets what a build of another runner does, which is no part of the moments' runner, or <see langword="null"/> for no such runner.</summary>
    public FakeBuild? Other { get; init; }

    public CrashEnd EndOf(bool finds) => finds ? End : EndWithoutFinding ?? End;
}
