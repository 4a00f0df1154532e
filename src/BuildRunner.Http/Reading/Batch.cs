namespace BuildRunner.Http.Reading;

/// <summary>One request for many builds. Guarded by the lock of its reader.</summary>
internal sealed class Batch<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    /// <summary>Gets or sets the place of the batch among those that have begun: 0 until it has.</summary>
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
