namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A request that a <see cref="GitHttpServer"/> was sent.</summary>
internal sealed record ServedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string? Authorization => Headers.GetValueOrDefault("authorization");
}
