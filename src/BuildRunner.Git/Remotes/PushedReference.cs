namespace BuildRunner.Git.Remotes;

/// <summary>What is to become of one reference of a remote, if it is still what it was.</summary>
/// <param name="Name">The full reference.</param>
/// <param name="Expected">The id that it has, or <see langword="null"/> where it must not be there.</param>
/// <param name="Wanted">The id that it gets, or <see langword="null"/> to delete it. Where it is <paramref name="Expected"/>, the reference is only compared.</param>
internal sealed record PushedReference(string Name, string? Expected, string? Wanted);
