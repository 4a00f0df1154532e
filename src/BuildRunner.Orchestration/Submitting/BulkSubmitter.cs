namespace BuildRunner.Orchestration;

/// <summary>Saves several builds in few transactions. Each has its own outcome.</summary>
internal sealed class BulkSubmitter(IBuildStore store, NewBuilds builds, BuildTelemetry telemetry)
{
    public const int MaxSubmissions = 1000;

    private const int MaxTries = 10;

    /// <summary>Determines what is wrong with each submission by itself, or null for nothing.</summary>
    public Exception? ErrorOf(BuildSubmission submission)
    {
        try
        {
            builds.ThrowIfInvalid(submission);
            return submission.Supersedes is null
                ? null
                : new ArgumentException(
                    $"The build '{submission.Key}' supersedes others; submit it with {nameof(IBuildOrchestrator.SubmitAsync)}.",
                    nameof(submission));
        }
        catch (ArgumentException exception)
        {
            return exception;
        }
    }

    public async Task<IReadOnlyList<BuildSubmitResult>> SubmitAsync(
        IReadOnlyList<(BuildSubmission Submission, Exception? Error)> submissions, CancellationToken cancellationToken)
    {
        var valid = submissions.Where(static item => item.Error is null).Select(static item => item.Submission);
        var found = await SaveAsync([.. valid.DistinctBy(static submission => submission.Key, StringComparer.Ordinal)], cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. submissions.Select(item => (item.Error, Found: item.Error is null ? found[item.Submission.Key] : null) switch
            {
                ({ } error, _) => new(error),
                (_, { Build: { } build }) => NewBuilds.Known(build, item.Submission),
                var (_, refused) => refused!,
            }),
        ];
    }

    private async Task<Dictionary<string, BuildSubmitResult>> SaveAsync(
        List<BuildSubmission> submissions, CancellationToken cancellationToken)
    {
        Dictionary<string, BuildSubmitResult> found = new(StringComparer.Ordinal);
        for (var tries = 1; submissions.Count > 0; tries++)
        {
            var reading = await store.ReadAllAsync([.. submissions.Select(static submission => submission.Key)], cancellationToken)
                .ConfigureAwait(false);
            foreach (var build in reading.Builds)
            {
                found[build.Key] = new(build);
            }

            foreach (var unreadable in reading.Unreadable)
            {
                found[unreadable.Key] = new(unreadable.Failure);
            }

            var messages = BuildMessages.Current;
            List<BuildCreate> created = [];
            foreach (var submission in submissions.Where(submission => !found.ContainsKey(submission.Key)))
            {
                try
                {
                    var build = await builds.CreateAsync(submission, reading.Now, cancellationToken).ConfigureAwait(false);
                    created.Add(new(build, messages.FirstOf(build)));
                }
                catch (RunnerRefusesException exception)
                {
                    found[submission.Key] = new(exception);
                }
            }

            var results = created.Count == 0
                ? []
                : await store.TryCreateAllAsync(created, cancellationToken).ConfigureAwait(false);
            foreach (var (create, result) in created.Zip(results))
            {
                if (result.IsCreated)
                {
                    found[create.Build.Key] = new(create.Build);
                    telemetry.Submitted(create.Build);
                }
                else if (result.Failure is { } failure)
                {
                    found[create.Build.Key] = new(failure);
                }
            }

            submissions.RemoveAll(submission => found.ContainsKey(submission.Key));
            if (submissions.Count > 0 && tries == MaxTries)
            {
                throw NewBuilds.InconsistentKeys(submissions[0].Key);
            }
        }

        return found;
    }
}
