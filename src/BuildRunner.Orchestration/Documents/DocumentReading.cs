namespace BuildRunner.Orchestration;

/// <summary>Represents documents at one time of the store's clock.</summary>
internal sealed record DocumentReading
{
    /// <summary>The documents that exist.</summary>
    public required IReadOnlyList<BuildDocument> Documents { get; init; }

    /// <summary>The time of the store, in whole milliseconds. It is read with the documents or after them.</summary>
    public required DateTimeOffset Now { get; init; }
}
