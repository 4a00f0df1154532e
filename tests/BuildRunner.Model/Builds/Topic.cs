namespace BuildRunner.Model.Builds;

/// <summary>The messages of a build, one topic each. Those of changes are counted.</summary>
internal enum Topic : byte { Trigger, Poll, Signal, Deadline, TriggerLetter, PollLetter, Change }
