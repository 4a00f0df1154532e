namespace BuildRunner.Model.Builds;

/// <summary>Represents a decision: what to save if anything, how the delivery ends, and whether to publish the message that triggers or polls.</summary>
internal readonly record struct Decision(BuildRecord? Changed, Outcome Outcome, bool Hastens = false);
