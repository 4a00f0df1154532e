namespace BuildRunner.Http;

/// <summary>
/// Defines the forms in which a runner sends changes to its service.
/// </summary>
public enum ChangesForm
{
    /// <summary>The request as one JSON document. The pipeline applies base and head.</summary>
    Document,

    /// <summary>
    /// The reference and the commit of the single head change, which already contains all changes. The service checks it out; the pipeline
    /// applies nothing.
    /// </summary>
    Merged,
}
