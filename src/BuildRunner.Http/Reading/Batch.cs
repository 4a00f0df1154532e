namespace BuildRunner.Http.Reading;

/// <summary>Represents one request for many builds. Guarded by the lock of its reader.</summary>
internal sealed class Batch<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    /// <summary>Gets or sets the position of the batch among those that have begun, or 0 if it has not begun.</summary>
    public long Number { get; set; }

    public TaskCompletionSource<IReadOnlyDictionary<TKey, TRow>> Completion { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CancellationTokenSource Abandonment { get; } = new();

    public bool IsAbandoned { get; set; }

    public int Count { get; set; }

    public int Waiting { get; set; }

    public bool HasBegun => Number > 0;

    public TimeSpan BeganAt { get; set; }
}
