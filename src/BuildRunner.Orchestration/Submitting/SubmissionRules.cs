using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>Validates submissions, matches them with builds, and creates builds from them.</summary>
internal static class SubmissionRules
{
    public static void ThrowIfInvalid(BuildSubmission submission)
    {
        ArgumentNullException.ThrowIfNull(submission);
        ThrowIfUnfit(submission.Key, nameof(submission.Key), nameof(submission));
        ThrowIfUnfit(submission.OwnerId, nameof(submission.OwnerId), nameof(submission));
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
    }

    public static bool IsOf(Build build, BuildSubmission submission) =>
        build.Runner == submission.Runner
        && build.OwnerId == submission.OwnerId
        && (build.Request with { TriggerKey = null }).Equals(submission.Request)

        // Without a timeout, the default of the first process applies.
        && (submission.Timeout is not { } timeout || build.Deadline - build.CreatedAt == RunnerTimes.RoundUp(timeout));

    public static Build Build(BuildSubmission submission, DateTimeOffset now, TimeSpan defaultTimeout)
    {
        var id = Guid.CreateVersion7(now);
        return new()
        {
            Id = id,
            Key = submission.Key,
            OwnerId = submission.OwnerId,
            Runner = submission.Runner,
            Request = submission.Request with { TriggerKey = id.ToString() },
            CreatedAt = now,
            UpdatedAt = now,
            Deadline = now + RunnerTimes.RoundUp(submission.Timeout ?? defaultTimeout),
        };
    }

    // A key of the queue fits every store, and the owner is a partition.
    private static void ThrowIfUnfit(string value, string property, string paramName)
    {
        ArgumentNullException.ThrowIfNull(value, paramName);
        try
        {
            _ = new MessageKey { PartitionKey = value, Id = value };
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException(
                $"{nameof(BuildSubmission)}.{property} must have 1 to {BuildSubmission.MaxKeyLength} characters, without U+0000 and "
                + "ill-formed UTF-16.",
                paramName,
                exception);
        }
    }
}
