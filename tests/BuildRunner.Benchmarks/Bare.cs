namespace BuildRunner.Benchmarks;

/// <summary>The least that carries an id: what <see cref="BuildId"/> is measured against.</summary>
internal sealed record Bare(string Id);
