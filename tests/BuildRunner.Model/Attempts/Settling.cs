namespace BuildRunner.Model.Attempts;

/// <summary>How far the delay is in which a cancel that nobody asked for is not believed.</summary>
internal enum Settling : byte { None, Waiting, Over }
