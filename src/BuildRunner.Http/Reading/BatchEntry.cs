namespace BuildRunner.Http.Reading;

/// <summary>Represents a recently read build. Guarded by the lock of its reader.</summary>
internal sealed class BatchEntry<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    public BatchEntry(TKey key)
    {
        Key = key;
        Node = new LinkedListNode<BatchEntry<TKey, TRow>>(this);
    }

    public TKey Key { get; }

    public LinkedListNode<BatchEntry<TKey, TRow>> Node { get; }

    public TimeSpan AskedAt { get; set; }

    /// <summary>Gets or sets the start of the request that supplied the answer.</summary>
    public TimeSpan ReadAt { get; set; }

    public bool IsKnown { get; set; }

    public TRow? Row { get; set; }

    /// <summary>Gets or sets the request that reads the build, or <see langword="null"/> if there is none.</summary>
    public Batch<TKey, TRow>? Batch { get; set; }

    /// <summary>
    /// Gets or sets the number of the last request that had begun when the build was forgotten. Answers up to that one do not count.
    /// </summary>
    public long ForgottenWith { get; set; }
}
