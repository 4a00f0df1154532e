namespace BuildRunner.Git.Remotes;

/// <summary>Represents an update of a remote reference, conditional on its current value.</summary>
/// <param name="Name">The full reference.</param>
/// <param name="Expected">The current id, or <see langword="null"/> if the reference must not exist.</param>
/// <param name="Wanted">The new id, or <see langword="null"/> to delete the reference. If equal to <paramref name="Expected"/>, the
/// reference is only compared.</param>
internal sealed record PushedReference(string Name, string? Expected, string? Wanted);
