namespace BuildRunner.Model.Builds;

/// <summary>What passes with a time.</summary>
internal static class BuildTimes
{
    /// <summary>Lets a time pass, and with it all shorter ones.</summary>
    public static BuildState After(BuildState state, Slot time)
    {
        var passed = state with { Record = state.Record with { IsPaused = false } };
        for (var topic = Topic.Trigger; topic < Topic.Change; topic++)
        {
            passed = passed.WithSlot(topic, state.SlotOf(topic).After(time));
        }

        if (time == Slot.Pause)
        {
            return passed;
        }

        // A call that is under way by now is given up, and may still be answered.
        passed = passed with
        {
            Epoch = (byte)(state.Epoch + 1),
            IsAftercareOver = state.Record.IsTerminal,
            Clock = time < Slot.Deadline ? state.Clock : (Clock)(time - Slot.Deadline + 1),
        };
        for (var index = 0; index < 2; index++)
        {
            var worker = passed[index];
            if (worker is { Call: Call.Create, IsLate: false })
            {
                passed = worker.IsHolder ? passed.WithSlot(worker.Topic, passed.SlotOf(worker.Topic).Settled(Outcome.Settling)) : passed;
                worker = worker with { IsLate = true, IsHolder = false };
            }

            passed = passed.With(index, worker with
            {
                IsSlow = worker.IsSlow || worker is { Deciding: Deciding.Mark },
                IsReadSlow = worker.IsReadSlow || worker is { Topic: Topic.Trigger, Call: Call.Read },
            });
        }

        return passed;
    }
}
