using System.Diagnostics;

namespace BuildRunner.Orchestration;

/// <summary>Saves one build, and in the same transaction the cancellation of those that it replaces.</summary>
internal sealed class SingleSubmitter(IBuildStore store, NewBuilds builds, BuildTelemetry telemetry)
{
    private const int MaxTries = 10;

    // Any save of any replaced build makes the others wait for the next try.
    private const int MaxTriesToReplace = 100;

    public async Task<Build> SubmitAsync(BuildSubmission submission, Activity? activity, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var reading = await store.ReadAsync(submission.Key, cancellationToken).ConfigureAwait(false);
            if (reading.Build is { } existing)
            {
                var known = NewBuilds.Known(existing, submission);
                var submitted = known.Build ?? throw known.Error!;
                BuildTelemetry.Describe(activity, submitted.Id);
                return submitted;
            }

            var build = await builds.CreateAsync(submission, reading.Now, cancellationToken).ConfigureAwait(false);
            if (await TryCreateAsync(build, submission.Supersedes, reading.Now, cancellationToken).ConfigureAwait(false))
            {
                telemetry.Submitted(build);
                BuildTelemetry.Describe(activity, build.Id);
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

    private Task<bool> TryCreateAsync(
        Build build, BuildSelector? selector, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var messages = BuildMessages.Current;
        return selector is null
            ? store.TryCreateAsync(build, messages.FirstOf(build), cancellationToken)
            : TryReplaceAsync(build, selector, messages, now, cancellationToken);
    }

    private async Task<bool> TryReplaceAsync(
        Build build, BuildSelector selector, BuildMessages messages, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<BuildDocument> documents = selector.Tag is { } tag
            ? [await TakeTurnAsync(DocumentNames.OfTag(build.OwnerId, tag), cancellationToken).ConfigureAwait(false)]
            : [];
        var replaced = await FindAsync(build, selector, cancellationToken).ConfigureAwait(false);
        var updated = replaced.ConvertAll(before => BuildChanges.Next(
            before, before.Cancelling(BuildCancelCause.Superseded, $"Superseded by '{build.Key}'."), now));
        return await store.TryCommitAsync(
            new()
            {
                Documents = documents,
                Created = [build],
                Updated = updated,
                Messages = [.. messages.FirstOf(build), .. updated.Select(messages.NextOf)],
            },
            cancellationToken).ConfigureAwait(false);
    }

    // Of two at a time that replace the same tag, neither finds the other; so both change one document, and the later one looks again.
    private async Task<BuildDocument> TakeTurnAsync(string name, CancellationToken cancellationToken)
    {
        var known = await store.ReadDocumentsAsync([name], cancellationToken).ConfigureAwait(false);
        var version = known.Documents is [var document] ? document.Version + 1 : 1;
        return new() { Name = name, Value = "{}", Version = version, ExpiresAt = known.Now + TimeSpan.FromDays(1) };
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
                other.OwnerId == build.OwnerId && !other.IsCancelledForGood() && !other.Status.IsTerminal()),
        ];
    }
}
