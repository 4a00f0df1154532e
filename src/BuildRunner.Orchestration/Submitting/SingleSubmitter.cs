namespace BuildRunner.Orchestration;

/// <summary>Saves one build, and in the same transaction the cancellation of those that it replaces.</summary>
internal sealed class SingleSubmitter(IBuildStore store, NewBuilds builds, BuildTelemetry telemetry)
{
    private const int MaxTries = 10;

    // Any save of any replaced build makes the others wait for the next try.
    private const int MaxTriesToReplace = 100;

    public async Task<Build> SubmitAsync(BuildSubmission submission, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var reading = await store.ReadAsync(submission.Key, cancellationToken).ConfigureAwait(false);
            if (reading.Build is { } existing)
            {
                var known = NewBuilds.Known(existing, submission);
                return known.Build ?? throw known.Error!;
            }

            var build = await builds.CreateAsync(submission, reading.Now, cancellationToken).ConfigureAwait(false);
            if (await TryCreateAsync(build, submission.Supersedes, reading.Now, cancellationToken).ConfigureAwait(false))
            {
                build = build with { NewHistory = null };
                telemetry.Submitted(build);
                return build;
            }

            if (tries == (submission.Supersedes is null ? MaxTries : MaxTriesToReplace))
            {
                throw submission.Supersedes is null
                    ? NewBuilds.InconsistentKeys(submission.Key)
                    : new TimeoutException(
                        $"The builds that '{submission.Key}' replaces changed all the time, so it was not submitted; submit it again.");
            }
        }
    }

    private async Task<bool> TryCreateAsync(
        Build build, BuildSelector? selector, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var messages = BuildMessages.Current;
        var outgoing = NewBuilds.MessagesOf(build, messages);
        var replaced = selector is null ? [] : await FindAsync(build, selector, cancellationToken).ConfigureAwait(false);
        if (replaced.Count == 0)
        {
            return await store.TryCreateAsync(build, outgoing, cancellationToken).ConfigureAwait(false);
        }

        var updated = replaced.ConvertAll(before => BuildChanges.Next(
            before, before.Cancelling(BuildCancelCause.Superseded, $"Superseded by '{build.Key}'."), now));
        return await store.TryCommitAsync(
            new() { Created = [build], Updated = updated, Messages = [.. outgoing, .. updated.Select(messages.NextOf)] },
            cancellationToken).ConfigureAwait(false);
    }

    // Those of others are none of its business.
    private async Task<List<Build>> FindAsync(Build build, BuildSelector selector, CancellationToken cancellationToken)
    {
        IEnumerable<Build> found = selector.Key is { } key
            ? (await store.ReadAsync(key, cancellationToken).ConfigureAwait(false)).Build is { } named ? [named] : []
            : (await store.ListAsync(
                new() { OwnerId = build.OwnerId, Tag = selector.Tag, HasEnded = false, Limit = BuildQuery.MaxLimit },
                cancellationToken).ConfigureAwait(false)).Builds;
        return
        [
            .. found.Where(other =>
                other.OwnerId == build.OwnerId && other.CancelCause == BuildCancelCause.None && !other.Status.IsTerminal()),
        ];
    }
}
