namespace BuildRunner.Model.Builds;

/// <summary>Why a build is cancelled.</summary>
internal enum Cause : byte { None, Caller, Deadline, DeadLetter }
