namespace BuildRunner.Model.Builds;

/// <summary>What becomes of the message of one identity: there is none, it is due, it waits until a time, or it is handled, and perhaps published again meanwhile, also for a later time.</summary>
internal enum Slot : byte { Absent, Due, Pause, Settling, Deadline, Grace, LastCall, Leased, Woken, WokenLater }
