namespace BuildRunner.Model.Builds;

/// <summary>The invariants O1 to O10, as far as they can be seen in a state.</summary>
internal static class BuildRules
{
    public static IEnumerable<string> Judge(BuildState state, bool isEnd, Faults faults, bool finds)
    {
        var record = state.Record;
        if (state.Remote1 != Remote.Absent)
        {
            yield return "O2: two builds at the CI for one key";
        }

        if (record.Status == Status.Succeeded && state.RemoteOf(record.Remote) != Remote.Succeeded)
        {
            yield return "O10: it is said to have succeeded, and the CI did not say so";
        }

        if (state.IsSubmitted && !record.IsTerminal && !IsLookedAt(state))
        {
            yield return "O1/O3: nothing is left that would look at it";
        }

        if (!isEnd)
        {
            yield break;
        }

        if (!record.IsTerminal)
        {
            yield return "O9: it never ends";
        }
        else if (state.Told != record.Status)
        {
            yield return "O4: the owner never hears of the end";
        }

        // Of a build that ends with an unknown outcome, or while its runner did not stop it, the note says so.
        if (record.IsTerminal && record.Remote == BuildRecord.None && state.Remote0 != Remote.Absent && (finds || record.Status != Status.Failed) && record.Notes == 0)
        {
            yield return "O2: a build at the CI that the record does not know";
        }

        if (record.Status == Status.Failed && faults.Letters == 0 && record.Cause == Cause.DeadLetter)
        {
            yield return "O6: an outage of the CI ended it";
        }
    }

    // The deadline is the last resort, and not meant: until then a build would stand still.
    private static bool IsLookedAt(BuildState state) =>
        state.TriggerLetter != Slot.Absent || state.PollLetter != Slot.Absent
        || (state.Record.Remote == BuildRecord.None ? state.Trigger : state.Poll) != Slot.Absent;
}
