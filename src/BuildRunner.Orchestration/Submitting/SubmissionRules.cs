namespace BuildRunner.Orchestration;

/// <summary>Validates submissions, matches them with builds, and creates builds from them.</summary>
internal static class SubmissionRules
{
    public static void ThrowIfInvalid(BuildSubmission submission)
    {
        ArgumentNullException.ThrowIfNull(submission);
        ThrowIfUnfit(submission.Key, $"{nameof(BuildSubmission)}.{nameof(submission.Key)}", nameof(submission));
        ThrowIfUnfit(submission.OwnerId, $"{nameof(BuildSubmission)}.{nameof(submission.OwnerId)}", nameof(submission));
        BuildTopics.ThrowIfUnfit(submission.Runner, nameof(submission));
        ArgumentNullException.ThrowIfNull(submission.Request, nameof(submission));
        if (submission.Request.TriggerKey is { } key)
        {
            throw new ArgumentException(
                $"The request has the trigger key '{key}'; leave it null, because the build gets its own.", nameof(submission));
        }

        if (submission.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > BuildSubmission.MaxTimeout))
        {
            throw new ArgumentOutOfRangeException(
                nameof(submission), timeout, $"The timeout of the build '{submission.Key}' must be more than zero and at most 365 days.");
        }

        ThrowIfOutOfRange(submission, submission.PendingTimeout, nameof(submission.PendingTimeout));
        ThrowIfOutOfRange(submission, submission.RunTimeout, nameof(submission.RunTimeout));
        if (submission.Priority is < 0 or > BuildSubmission.MaxPriority)
        {
            throw new ArgumentOutOfRangeException(
                nameof(submission),
                submission.Priority,
                $"The priority of the build '{submission.Key}' must be 0 to {BuildSubmission.MaxPriority}.");
        }

        if (submission.Tag is { } tag)
        {
            ThrowIfUnfit(tag, $"{nameof(BuildSubmission)}.{nameof(submission.Tag)}", nameof(submission));
        }

        if (submission.Supersedes is { } selector && selector.Key is null == selector.Tag is null)
        {
            throw new ArgumentException(
                $"The build '{submission.Key}' supersedes builds by {(selector.Key is null ? "neither key nor" : "both key and")} tag; set "
                + "exactly one.",
                nameof(submission));
        }

        if (submission.Retry is { } retry && RetryRules.FailuresOf(retry).FirstOrDefault() is { } failure)
        {
            throw new ArgumentOutOfRangeException(nameof(submission), $"The build '{submission.Key}': {failure}");
        }
    }

    public static bool IsOf(Build build, BuildSubmission submission) =>
        build.Runner == submission.Runner
        && build.OwnerId == submission.OwnerId
        && (build.Request with { TriggerKey = null }).Equals(submission.Request)

        // Without a limit, that of the first process applies. Priority and tag are no part of what is built.
        && IsOf(build.Policy.Timeout, submission.Timeout)
        && IsOf(build.Policy.PendingTimeout, submission.PendingTimeout)
        && IsOf(build.Policy.RunTimeout, submission.RunTimeout)
        && (submission.Retry is not { } retry
            || (build.Policy.Retry is { } kept && kept with { BudgetPerHour = retry.BudgetPerHour } == retry));

    public static Build Build(BuildSubmission submission, DateTimeOffset now, TimeSpan defaultTimeout, RunnerControl control)
    {
        var id = Guid.CreateVersion7(now);
        var timeout = RunnerTimes.RoundUp(submission.Timeout ?? defaultTimeout);
        return new()
        {
            Id = id,
            Key = submission.Key,
            OwnerId = submission.OwnerId,
            Runner = submission.Runner,
            Request = submission.Request with { TriggerKey = BuildTransitions.TriggerKeyOf(id, attempt: 1) },
            Priority = submission.Priority,
            Tag = submission.Tag,
            CreatedAt = now,
            UpdatedAt = now,
            Deadline = now + timeout,
            Policy = new BuildPolicy
            {
                Timeout = timeout,
                PendingTimeout = RoundUp(submission.PendingTimeout),
                RunTimeout = RoundUp(submission.RunTimeout),
                Retry = submission.Retry,
            },
            Bookkeeping = control.HeldAt(now) is var held && held == TimeSpan.Zero
                ? BuildBookkeeping.None
                : new() { HeldBefore = held },
        };
    }

    private static bool IsOf(TimeSpan? limit, TimeSpan? submitted) => submitted is null || limit == RoundUp(submitted);

    private static TimeSpan? RoundUp(TimeSpan? limit) => limit is { } value ? RunnerTimes.RoundUp(value) : null;

    private static void ThrowIfOutOfRange(BuildSubmission submission, TimeSpan? limit, string property)
    {
        if (limit is { } value && (value < BuildSubmission.MinLimit || value > BuildSubmission.MaxTimeout))
        {
            throw new ArgumentOutOfRangeException(
                nameof(submission),
                value,
                $"{nameof(BuildSubmission)}.{property} of the build '{submission.Key}' must be 1 second to 365 days.");
        }
    }

    /// <summary>Checks a text that stores compare exactly. A key of the queue fits every store, and the owner is a partition.</summary>
    public static void ThrowIfUnfit(string value, string property, string paramName, int maxLength = BuildSubmission.MaxKeyLength)
    {
        ArgumentNullException.ThrowIfNull(value, paramName);
        ArgumentException? cause = null;
        try
        {
            QueueText.ThrowIfUnfit(value, Message.MaxKeyLength, property, paramName);
        }
        catch (ArgumentException exception)
        {
            cause = exception;
        }

        if (cause is not null || value.Length > maxLength)
        {
            throw new ArgumentException(
                $"{property} must have 1 to {maxLength} characters, without U+0000 and ill-formed UTF-16.", paramName, cause);
        }
    }
}
