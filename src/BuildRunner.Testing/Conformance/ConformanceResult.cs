namespace BuildRunner.Testing;

/// <summary>
/// Represents how one case went.
/// </summary>
/// <param name="Case">The case.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Reason">Why it failed or was skipped; empty where it passed.</param>
public sealed record ConformanceResult(ConformanceCase Case, ConformanceOutcome Outcome, string Reason);
