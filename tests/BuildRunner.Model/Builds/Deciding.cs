namespace BuildRunner.Model.Builds;

/// <summary>The decision that is being made.</summary>
internal enum Deciding : byte { None, Begin, Mark, Adopt, Unmark, Reject, Poll, Deadline, AskLetter, BeginLetter, EndLetter }
