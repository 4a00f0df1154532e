namespace BuildRunner.Benchmarks.Queue;

/// <summary>A message that the prototype has claimed.</summary>
internal sealed record Held(string Key, long Seq, int Deliveries);
