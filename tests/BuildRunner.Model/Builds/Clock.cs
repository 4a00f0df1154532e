namespace BuildRunner.Model.Builds;

/// <summary>How far the clock has come.</summary>
internal enum Clock : byte { Start, DeadlineOver, GraceOver, LastCallOver }
