namespace BuildRunner.Orchestration;

/// <summary>Specifies the order of listed builds, by the text of <see cref="Build.Id"/>, which begins with the millisecond of the
/// submission.</summary>
public enum BuildOrder
{
    /// <summary>The build submitted last comes first.</summary>
    NewestFirst,

    /// <summary>The build submitted first comes first.</summary>
    OldestFirst,
}
