namespace BuildRunner.Orchestration;

/// <summary>Looks at a group after a member has ended or the group was cancelled: cancels members, and gives the verdict. Messages say only
/// which group, so any of them does what is to be done.</summary>
internal sealed class GroupHandler(IBuildStore store, GroupStore groups, BuildUpdater updater, HarmlessLogger<GroupHandler> logger)
    : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var messages = BuildMessages.In(delivery);
        while (true)
        {
            if (await groups.ReadAsync(delivery.Message.Id, cancellationToken).ConfigureAwait(false) is not { } reading)
            {
                Log.GroupOutlived(logger, delivery.Message.Id);
                return Outcome.Done;
            }

            var open = reading.Group.Members.Where(static member => member.Outcome is null)
                .Select(static member => member.BuildId).ToList();

            // The group ends when its last member is seen to have ended, not before.
            var builds = open.Count == 0
                ? new BuildReadings { Builds = [], Now = reading.Now }
                : await store.ReadAllAsync(open, cancellationToken).ConfigureAwait(false);
            foreach (var unreadable in builds.Unreadable)
            {
                Log.GroupMemberUnreadable(logger, unreadable.Key, reading.Group.Key, unreadable.Failure);
            }

            reading = reading with { Now = builds.Now };
            var step = GroupDecision.Decide(reading.Group, builds);
            foreach (var id in step.Cancels)
            {
                await CancelAsync(id, step.Reason, messages, cancellationToken).ConfigureAwait(false);
            }

            if (step.Changed is not { } changed)
            {
                return Outcome.Done;
            }

            var isVerdict = changed.Verdict != reading.Group.Verdict;
            if (await groups.TrySaveAsync(reading, changed, isVerdict ? [messages.ChangeOf(changed)] : [], cancellationToken)
                .ConfigureAwait(false))
            {
                if (isVerdict)
                {
                    Log.GroupEnded(logger, changed.Key, changed.Verdict!.Value);
                }

                return Outcome.Done;
            }
        }
    }

    private async Task CancelAsync(Guid id, string reason, BuildMessages messages, CancellationToken cancellationToken)
    {
        var read = await updater.ReadAsync(id, messages, cancellationToken).ConfigureAwait(false);
        await updater.UpdateAsync(read, it => CancelDecision.Decide(it, BuildCancelCause.Group, reason), cancellationToken)
            .ConfigureAwait(false);
    }
}
