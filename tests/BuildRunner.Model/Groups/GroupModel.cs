using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Groups;

/// <summary>Groups (O18): one verdict over several builds, decided by whoever handles the group's message, which each end of a member publishes in its transaction.</summary>
internal sealed class GroupModel(GroupState start, bool failsFast, GroupMutation mutation = GroupMutation.None) : IModel<GroupState>
{
    public GroupState Start => start;

    /// <summary>Creates a group of required members and an optional one.</summary>
    public static GroupState With(int required, int optional) => new()
    {
        Members = [.. Enumerable.Repeat(new Member(IsRequired: true, Status.Accepted, IsCancelling: false), required), .. Enumerable.Repeat(new Member(IsRequired: false, Status.Accepted, IsCancelling: false), optional)],
    };

    public IEnumerable<Step<GroupState>> StepsFrom(GroupState state)
    {
        for (var number = 0; number < state.Members.Count; number++)
        {
            var member = state.Members[number];
            if (!member.IsEnded)
            {
                yield return new($"member {number} fails", Ended(state, number, Status.Failed));
                if (!member.IsCancelling)
                {
                    yield return new($"member {number} succeeds", Ended(state, number, Status.Succeeded));
                }
            }
        }

        for (var index = 0; index < 2; index++)
        {
            var worker = state[index];
            if (worker.Call == Call.None)
            {
                continue;
            }

            yield return Next(state, index, worker);
            var released = worker.IsHolder ? state with { Message = Slot.Due } : state;
            if (state.Crashes > 0)
            {
                yield return Step.Fault(
                    $"{Name(index)} crashes",
                    released.With(index, default) with { Crashes = (byte)(state.Crashes - 1) });
            }

            if (state.Lapses > 0 && worker.IsHolder)
            {
                yield return Step.Fault(
                    $"{Name(index)} loses its lease",
                    released.With(index, worker with { IsHolder = false }) with { Lapses = (byte)(state.Lapses - 1) });
            }
        }

        var free = state.First.Call == Call.None ? 0 : 1;
        if (state.Message == Slot.Due && state[free].Call == Call.None)
        {
            yield return new(
                $"{Name(free)} takes the group",
                ReadDocument(state with { Message = Slot.Leased }, free, new() { IsHolder = true }));
        }

        if (state is { Cancels: > 0, IsCancelling: false, Verdict: < Status.Succeeded })
        {
            yield return Step.Fault(
                "a caller cancels the group",
                state with { IsCancelling = true, Version = (byte)(state.Version + 1), Message = state.Message.Published(), Cancels = 0 });
        }
    }

    public IEnumerable<string> Judge(GroupState state, bool isEnd)
    {
        if (state.Verdicts > 1)
        {
            yield return "O18: the owner is told two verdicts";
        }

        if (isEnd && state.Verdict < Status.Succeeded)
        {
            yield return "O18: a group waits for ever";
        }

        if (isEnd && state.Members.Any(static member => !member.IsKnown))
        {
            yield return "O18: the group does not know what became of a member";
        }

        var isRight = state.Members.Where(static member => member.IsRequired).All(static member => member.Status == Status.Succeeded);
        if (isEnd && state.Verdict == Status.Succeeded != isRight)
        {
            yield return "O18: the verdict is not that of its required members";
        }
    }

    private static string Name(int index) => index == 0 ? "one" : "two";

    private static GroupState Settle(GroupState state, int index, GroupWorker worker) => state.With(index, new()
    {
        Call = Call.Settle,
        IsHolder = worker.IsHolder,
    });

    private GroupState Ended(GroupState state, int number, Status status) => state with
    {
        Members = state.Members.With(number, state.Members[number] with { Status = status }),
        Message = mutation == GroupMutation.EndsSilently ? state.Message : state.Message.Published(),
    };

    private static GroupState ReadDocument(GroupState state, int index, GroupWorker worker) =>
        state.Members.All(static member => member.IsKnown) ? Settle(state, index, worker)
            : state.With(index, new()
            {
                Call = Call.Read,
                Version = state.Version,
                Seen = KnownOf(state.Members),
                Verdict = state.Verdict,
                IsCancelling = state.IsCancelling,
                IsHolder = worker.IsHolder,
            });

    private Step<GroupState> Next(GroupState state, int index, GroupWorker worker)
    {
        var who = Name(index);
        switch (worker.Call)
        {
            case Call.Read:
                return new($"{who} reads the members", Decided(state, index, worker));
            case Call.Cancel:
                var cancelled = state with { Members = [.. state.Members.Select(static member => member.IsEnded ? member : member with { IsCancelling = true })] };
                return new($"{who} cancels the others", Commit(cancelled, index, worker));
            case Call.Save when state.Version != worker.Version && mutation != GroupMutation.ComparesNothing:
                return new($"{who} loses its commit", ReadDocument(state, index, worker));
            case Call.Save:
                var saved = state with
                {
                    Version = (byte)(state.Version + 1),
                    Verdict = worker.Verdict,
                    Verdicts = (byte)(state.Verdicts + (worker.Verdict >= Status.Succeeded && (state.Verdict < Status.Succeeded || mutation == GroupMutation.ComparesNothing) ? 1 : 0)),
                    Members = [.. state.Members.Select((member, number) => member with { IsKnown = member.IsKnown || worker.Seen[number].IsKnown })],
                };
                var mustCancel = mutation == GroupMutation.CancelsAfterVerdict && worker.Verdict == Status.Failed && state.Members.Any(static member => !member.IsEnded);
                return new($"{who} saves", mustCancel ? saved.With(index, worker with { Call = Call.Publish }) : Settle(saved, index, worker))
                {
                    Violation = worker.Verdict == Status.Failed && state.Members.Any(static member => member is { IsEnded: false, IsCancelling: false }) ? "O18: the verdict is there, and a member goes on that nobody has cancelled" : null,
                };
            case Call.Publish:
                return new(
                    $"{who} cancels the others",
                    Settle(state with { Members = [.. state.Members.Select(static member => member with { IsCancelling = true })] }, index, worker));
            default:
                var free = state.With(index, default);
                return new($"{who} settles", worker.IsHolder ? free with { Message = state.Message.Settled(Outcome.Done) } : free);
        }
    }

    // The members that the document does not know are read, and then it knows those that have ended.
    private GroupState Decided(GroupState state, int index, GroupWorker worker)
    {
        // What is known is known for good.
        Items<Member> seen = [.. state.Members.Select(static member => member with { IsKnown = member.IsEnded })];
        var hasFailed = seen.Any(member => IsCounted(member) && member is { IsKnown: true, Status: not Status.Succeeded });
        var isOver = mutation == GroupMutation.DecidesEarly ? seen.Any(static member => member.IsKnown) : seen.All(static member => member.IsKnown);
        var isFast = failsFast && hasFailed && !worker.IsCancelling;
        var verdict = worker.Verdict < Status.Succeeded && (isOver || isFast) ? (hasFailed ? Status.Failed : Status.Succeeded) : worker.Verdict;
        var stops = isFast || worker.IsCancelling;
        var decided = worker with
        {
            Seen = KnownOf(seen),
            Verdict = verdict,
            Saves = verdict != worker.Verdict || !KnownOf(seen).Equals(worker.Seen),
        };
        return stops && mutation != GroupMutation.CancelsAfterVerdict && seen.Any(static member => member is { IsEnded: false, IsCancelling: false })
            ? state.With(index, decided with { Call = Call.Cancel })
            : Commit(state, index, decided);
    }

    private static Items<Member> KnownOf(Items<Member> members) => [.. members.Select(static member => new Member(member.IsRequired, default, IsCancelling: false, member.IsKnown))];

    private bool IsCounted(Member member) => member.IsRequired || mutation == GroupMutation.CountsOptional;

    private static GroupState Commit(GroupState state, int index, GroupWorker worker) =>
        worker.Saves ? state.With(index, worker with { Call = Call.Save }) : Settle(state, index, worker);
}
