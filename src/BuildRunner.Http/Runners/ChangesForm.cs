namespace BuildRunner.Http;

/// <summary>
/// Specifies what a runner sends to its service as the changes of a request.
/// </summary>
public enum ChangesForm
{
    /// <summary>The request as one JSON document, in its wire form. The pipeline applies base and head.</summary>
    Document,

    /// <summary>The reference and the commit of the one head change, into which everything is merged already. The service checks it out; the pipeline applies nothing.</summary>
    Merged,
}
