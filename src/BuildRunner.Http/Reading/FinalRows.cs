namespace BuildRunner.Http.Reading;

/// <summary>The rows that do not change any more, the latest of them.</summary>
internal sealed class FinalRows<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private const int MaxRows = 10_000;

    private readonly Dictionary<TKey, TRow> _rows = [];
    private readonly Queue<TKey> _byAge = new();

    public TRow? Find(TKey key) => _rows.GetValueOrDefault(key);

    /// <summary>Keeps a row, unless one of the same key is kept already: the first stays.</summary>
    public void Add(TKey key, TRow row)
    {
        if (!_rows.TryAdd(key, row))
        {
            return;
        }

        _byAge.Enqueue(key);
        if (_byAge.Count > MaxRows)
        {
            _rows.Remove(_byAge.Dequeue());
        }
    }
}
