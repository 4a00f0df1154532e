namespace BuildRunner.Model.Supersede;

/// <summary>A deliberate mistake in superseding (O19).</summary>
internal enum SupersedeMutation
{
    None,

    /// <summary>The builds that are replaced are cancelled after the new one is created.</summary>
    CancelsAfterwards,

    /// <summary>Only the builds that were read are compared, and not whether there are others by now.</summary>
    ComparesBuildsOnly,
}
