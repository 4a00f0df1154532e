namespace BuildRunner;

/// <summary>Provides the values of <see cref="BuildMetadataKeys.FailedSide"/>.</summary>
public static class BuildFailedSides
{
    /// <summary>The base, which was assumed to be good, is broken with or without the head.</summary>
    public const string Base = "base";

    /// <summary>The head breaks on a base that is good.</summary>
    public const string Head = "head";
}
