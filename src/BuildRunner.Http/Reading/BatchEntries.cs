namespace BuildRunner.Http.Reading;

/// <summary>Holds the recently read builds. Guarded by the lock of its reader.</summary>
internal sealed class BatchEntries<TKey, TRow>(BatchReaderOptions<TRow> options)
    where TKey : notnull
    where TRow : class
{
    private readonly Dictionary<TKey, BatchEntry<TKey, TRow>> _entries = [];
    // The first final row stays.
    private readonly RecentBuilds<TKey, TRow> _final = new();

    // The oldest answer first.
    private readonly LinkedList<BatchEntry<TKey, TRow>> _byAge = new();

    public TRow? FindFinal(TKey key) => _final.Find(key);

    public BatchEntry<TKey, TRow> Get(TKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            entry = new BatchEntry<TKey, TRow>(key);
            _entries.Add(key, entry);
            _byAge.AddFirst(entry.Node);
        }

        return entry;
    }

    /// <summary>Forgets a build, including what the requests up to <paramref name="lastBatch"/> have said or will say about it.</summary>
    public void Forget(TKey key, long lastBatch, bool evenFinal)
    {
        if (evenFinal)
        {
            _final.Forget(key);
        }

        if (_entries.TryGetValue(key, out var entry))
        {
            (entry.ForgottenWith, entry.IsKnown, entry.Row) = (lastBatch, false, null);
        }
    }

    /// <summary>Fills a request with the builds that have the oldest answers, and removes those that nobody reads any more.</summary>
    public void TakeAlong(Batch<TKey, TRow> batch, List<BatchEntry<TKey, TRow>> taken)
    {
        for (var node = _byAge.First; node is not null && taken.Count < options.MaxBatch;)
        {
            var entry = node.Value;
            node = node.Next;
            if (entry.Batch is not null)
            {
                continue;
            }

            if (batch.BeganAt - entry.AskedAt > options.ReadAhead)
            {
                Remove(entry);
            }
            else
            {
                entry.Batch = batch;
                taken.Add(entry);
            }
        }
    }

    /// <summary>Records the answer of a request for a build.</summary>
    public void Note(Batch<TKey, TRow> batch, BatchEntry<TKey, TRow> entry, TRow? row, bool isFinal)
    {
        // A final row wins over any other answer.
        if (isFinal && row is not null)
        {
            _final.GetOrAdd(entry.Key, row);
            Remove(entry);
        }
        else if (batch.Number > entry.ForgottenWith && !(entry.IsKnown && entry.ReadAt > batch.BeganAt))
        {
            (entry.IsKnown, entry.ReadAt, entry.Row) = (true, batch.BeganAt, row);
            if (entry.Node.List is not null)
            {
                _byAge.Remove(entry.Node);
                _byAge.AddLast(entry.Node);
            }
        }
    }

    private void Remove(BatchEntry<TKey, TRow> entry)
    {
        if (entry.Node.List is not null)
        {
            _entries.Remove(entry.Key);
            _byAge.Remove(entry.Node);
        }
    }
}
