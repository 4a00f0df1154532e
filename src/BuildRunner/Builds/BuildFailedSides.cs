namespace BuildRunner;

/// <summary>
/// Provides the values of <see cref="BuildMetadataKeys.FailedSide"/>.
/// </summary>
public static class BuildFailedSides
{
    /// <summary>The assumed-good changes broke, with or without the head.</summary>
    public const string Base = "base";

    /// <summary>The changes under test broke on a base that is good.</summary>
    public const string Head = "head";
}
