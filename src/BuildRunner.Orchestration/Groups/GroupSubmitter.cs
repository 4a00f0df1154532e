using System.Runtime.ExceptionServices;

namespace BuildRunner.Orchestration;

/// <summary>Saves a group, its builds and their messages in one transaction.</summary>
internal sealed class GroupSubmitter(IBuildStore store, GroupStore groups, NewBuilds builds, BuildTelemetry telemetry)
{
    private const int MaxTries = 10;

    public async Task<BuildGroup> SubmitAsync(BuildGroupSubmission submission, CancellationToken cancellationToken)
    {
        List<BuildSubmission> members = [.. submission.Required, .. submission.Optional];
        for (var tries = 1; ; tries++)
        {
            var known = await groups.ReadAsync(submission.Key, cancellationToken).ConfigureAwait(false);
            if (known is { Group: var existing })
            {
                var left = await store.ReadAllAsync([.. existing.Members.Select(static member => member.BuildId)], cancellationToken)
                    .ConfigureAwait(false);

                // Once all of its builds are deleted, the key is free. The document is deleted later.
                if (existing.Verdict is null || left.Builds.Count + left.Unreadable.Count > 0)
                {
                    return IsOf(existing, left.Builds, submission, members)
                        ? existing.ToGroup()
                        : throw new BuildKeyConflictException(
                            $"The key '{submission.Key}' belongs to the group {existing.Id}, which has another owner or other members; "
                            + "use another key.");
                }
            }

            var reading = await store.ReadAllAsync([.. members.Select(static member => member.Key)], cancellationToken)
                .ConfigureAwait(false);
            if (reading.Unreadable is [var unreadable, ..])
            {
                ExceptionDispatchInfo.Throw(unreadable.Failure);
            }

            // The store has no order.
            List<Build> found = [.. reading.Builds.OrderBy(build => members.FindIndex(member => member.Key == build.Key))];
            if (found.Find(build => build.GroupKey != submission.Key) is { } other)
            {
                throw new BuildKeyConflictException(
                    $"The key '{other.Key}' of a member belongs to the build {other.Id}, which is not in the group; use another key.")
                { Id = other.Id };
            }

            // Otherwise somebody else has saved the group meanwhile.
            if (found.Count == 0
                && await TryCreateAsync(submission, members, known?.Document, reading.Now, cancellationToken)
                    .ConfigureAwait(false) is { } group)
            {
                return group.ToGroup();
            }

            if (tries == MaxTries)
            {
                throw found is [var old, ..]
                    ? new BuildKeyConflictException(
                        $"The key '{submission.Key}' belongs to an earlier group, of which the build {old.Id} is left. The key is free "
                        + "once the retention of that build is over; use another key until then.")
                    { Id = old.Id }
                    : NewBuilds.InconsistentKeys(submission.Key);
            }
        }
    }

    private async Task<GroupState?> TryCreateAsync(
        BuildGroupSubmission submission,
        List<BuildSubmission> members,
        BuildDocument? before,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var messages = BuildMessages.Current;
        List<Build> created = [];
        foreach (var member in members)
        {
            var build = await builds.CreateAsync(member, now, cancellationToken).ConfigureAwait(false);
            created.Add(build with { GroupKey = submission.Key });
        }

        GroupState group = new()
        {
            Id = Guid.CreateVersion7(now),
            Key = submission.Key,
            OwnerId = members[0].OwnerId,
            FailFast = submission.FailFast,
            CreatedAt = now,
            Members =
            [
                .. created.Select((build, i) => new BuildGroupMember
                {
                    BuildId = build.Id,
                    Key = build.Key,
                    Runner = build.Runner,
                    IsRequired = i < submission.Required.Count,
                }),
            ],
        };
        BuildDocument document = new()
        {
            Name = DocumentNames.OfGroup(group.Key),
            Value = group.Write(),
            Version = (before?.Version ?? 0) + 1,
        };
        var isCreated = await store.TryCommitAsync(
            new()
            {
                Documents = [document],
                Created = created,
                Messages = [.. created.SelectMany(build => messages.FirstOf(build))],
            },
            cancellationToken).ConfigureAwait(false);
        if (!isCreated)
        {
            return null;
        }

        created.ForEach(telemetry.Submitted);
        return group;
    }

    // A build that is gone or cannot be read cannot be compared any more.
    private static bool IsOf(
        GroupState group, IReadOnlyList<Build> builds, BuildGroupSubmission submission, List<BuildSubmission> members)
    {
        var isSame = group.FailFast == submission.FailFast
            && group.OwnerId == members[0].OwnerId
            && group.Members.Select(static member => (member.Key, member.Runner, member.IsRequired)).SequenceEqual(
                members.Select((member, i) => (member.Key, member.Runner, i < submission.Required.Count)));
        var submitted = members.ToDictionary(static member => member.Key, StringComparer.Ordinal);
        return isSame && builds.All(build => SubmissionRules.IsOf(build, submitted[build.Key]));
    }
}
