using BuildRunner.Http.Sending;

namespace BuildRunner.Http;

/// <summary>
/// Answers many reads of single builds with few requests that read a hundred at a time.
/// </summary>
/// <remarks>
/// <para>An answer is at most <see cref="BatchReaderOptions{TRow}.Freshness"/> old, counted from when its request was sent. Each request takes along the builds that were asked for lately and are the longest out of date, so that most reads find their answer there. While all requests are under way, what is asked for waits for the next one.</para>
/// <para>Safe for concurrent use. Builds that nobody asks for any more are forgotten.</para>
/// </remarks>
/// <typeparam name="TKey">What names a build at the service.</typeparam>
/// <typeparam name="TRow">What is read of a build.</typeparam>
public sealed class BatchReader<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private readonly HttpBackend _backend;
    private readonly Func<IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TRow>>> _read;
    private readonly BatchReaderOptions<TRow> _options;

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Entry> _entries = [];

    // The longest out of date first.
    private readonly LinkedList<Entry> _byAge = new();
    private readonly Queue<Entry> _wanted = new();
    private readonly long _origin;

    private Batch? _open;
    private int _underWay;
    private long _batches;

    /// <summary>
    /// Initializes a new instance of the <see cref="BatchReader{TKey, TRow}"/> class.
    /// </summary>
    /// <param name="backend">The backend, whose clock and rate limit count.</param>
    /// <param name="read">Reads up to <see cref="BatchReaderOptions{TRow}.MaxBatch"/> builds with one request. What its answer does not name is left out.</param>
    /// <param name="options">The settings; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="backend"/> or <paramref name="read"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public BatchReader(
        HttpBackend backend,
        Func<IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TRow>>> read,
        BatchReaderOptions<TRow>? options = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(read);
        _options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Freshness, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.ReadAhead, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.MaxBatch, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.Concurrency, nameof(options));
        _backend = backend;
        _read = read;
        _origin = backend.Options.TimeProvider.GetTimestamp();
    }

    /// <summary>
    /// Reads a build, from an answer that is fresh enough or with the next request.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A request is given up when nobody waits for it any more.</param>
    /// <returns>What was read, or <see langword="null"/> if the answer did not name the build. That is no proof that it is not there: ask for it alone.</returns>
    /// <exception cref="BuildRunnerException">The read failed.</exception>
    public async Task<TRow?> GetAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Batch batch;
        lock (_lock)
        {
            var now = Now;
            var entry = EntryOf(key);
            entry.AskedAt = now;
            if (entry.IsKnown && (entry.IsFinal || now - entry.ReadAt < Freshness))
            {
                HttpTelemetry.RecordSaved(_backend.Options.Name);
                return entry.Row;
            }

            batch = entry.Batch is { } current && CanAnswer(current, entry, now) ? current : Want(entry);
            batch.Waiting++;
        }

        Start();
        try
        {
            var rows = await batch.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return rows.GetValueOrDefault(key);
        }
        catch (BuildRunnerException exception)
        {
            // An exception of one's own: it is thrown to many.
            throw CopyOf(exception);
        }
        finally
        {
            Leave(batch);
        }
    }

    /// <summary>
    /// Forgets what is known of a build, such as after a cancel: the next read is answered by a request that is sent after this.
    /// </summary>
    /// <param name="key">The build.</param>
    public void Forget(TKey key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                entry.ForgottenWith = _batches;
                entry.IsKnown = false;
                entry.Row = null;
            }
        }
    }

    private TimeSpan Now => _backend.Options.TimeProvider.GetElapsedTime(_origin);

    private TimeSpan Freshness => _options.Freshness * _backend.Gate.Stretch();

    private Entry EntryOf(TKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            entry = new Entry(key);
            _entries.Add(key, entry);
            _byAge.AddFirst(entry.Node);
        }

        return entry;
    }

    private bool CanAnswer(Batch batch, Entry entry, TimeSpan now) =>
        !batch.HasBegun || (!batch.IsAbandoned && batch.Number > entry.ForgottenWith && now - batch.BeganAt < Freshness);

    private Batch Want(Entry entry)
    {
        if (_open is not { HasBegun: false } || _open.Count == _options.MaxBatch)
        {
            _open = new Batch();
        }

        _open.Count++;
        entry.Batch = _open;
        _wanted.Enqueue(entry);
        return _open;
    }

    private void Start()
    {
        while (true)
        {
            Batch batch;
            List<Entry> entries;
            lock (_lock)
            {
                if (_underWay == _options.Concurrency || !_wanted.TryPeek(out var first))
                {
                    return;
                }

                batch = first.Batch!;
                entries = Take(batch);
                _underWay++;
            }

            _ = RunAsync(batch, entries);
        }
    }

    private List<Entry> Take(Batch batch)
    {
        List<Entry> entries = [];
        while (_wanted.TryPeek(out var wanted) && wanted.Batch == batch)
        {
            entries.Add(_wanted.Dequeue());
        }

        var now = Now;
        batch.BeganAt = now;
        batch.Number = ++_batches;
        for (var node = _byAge.First; node is not null && entries.Count < _options.MaxBatch;)
        {
            var entry = node.Value;
            node = node.Next;
            if (entry.Batch is not null)
            {
                continue;
            }

            if (now - entry.AskedAt > _options.ReadAhead)
            {
                _entries.Remove(entry.Key);
                _byAge.Remove(entry.Node);
            }
            else if (!entry.IsFinal)
            {
                entry.Batch = batch;
                entries.Add(entry);
            }
        }

        return entries;
    }

    private async Task RunAsync(Batch batch, List<Entry> entries)
    {
        try
        {
            HttpTelemetry.RecordBatch(_backend.Options.Name, entries.Count);
            var rows = await _read([.. entries.Select(static entry => entry.Key)], batch.Abandonment.Token).ConfigureAwait(false);
            Finish(batch, entries, rows);
            batch.Completion.TrySetResult(rows);
        }
        catch (Exception exception)
        {
            Finish(batch, entries, rows: null);
            batch.Completion.TrySetException(exception);

            // Nobody may be left to look at it.
            _ = batch.Completion.Task.Exception;
        }

        Start();
    }

    private void Finish(Batch batch, List<Entry> entries, IReadOnlyDictionary<TKey, TRow>? rows)
    {
        lock (_lock)
        {
            _underWay--;
            foreach (var entry in entries)
            {
                if (entry.Batch == batch)
                {
                    entry.Batch = null;
                }

                if (rows is null || batch.Number <= entry.ForgottenWith || (entry.IsKnown && entry.ReadAt > batch.BeganAt))
                {
                    continue;
                }

                entry.IsKnown = true;
                entry.ReadAt = batch.BeganAt;
                entry.Row = rows.GetValueOrDefault(entry.Key);
                entry.IsFinal = entry.Row is { } row && _options.IsFinal?.Invoke(row) == true;
                if (entry.Node.List is not null)
                {
                    _byAge.Remove(entry.Node);
                    _byAge.AddLast(entry.Node);
                }
            }
        }
    }

    private void Leave(Batch batch)
    {
        lock (_lock)
        {
            // One that has not begun may still be joined.
            if (--batch.Waiting > 0 || !batch.HasBegun || batch.Completion.Task.IsCompleted)
            {
                return;
            }

            batch.IsAbandoned = true;
        }

        batch.Abandonment.Cancel();
    }

    private static BuildRunnerException CopyOf(BuildRunnerException exception) => exception switch
    {
        BuildRunnerConfigurationException => new BuildRunnerConfigurationException(exception.Message, exception) { RetryAfter = exception.RetryAfter },
        _ => new BuildRunnerException(exception.Message, exception) { IsTransient = exception.IsTransient, RetryAfter = exception.RetryAfter },
    };

    private sealed class Entry
    {
        public Entry(TKey key)
        {
            Key = key;
            Node = new LinkedListNode<Entry>(this);
        }

        public TKey Key { get; }

        public LinkedListNode<Entry> Node { get; }

        public TimeSpan AskedAt { get; set; }

        public TimeSpan ReadAt { get; set; }

        public bool IsKnown { get; set; }

        public bool IsFinal { get; set; }

        public TRow? Row { get; set; }

        public Batch? Batch { get; set; }

        public long ForgottenWith { get; set; }
    }

    private sealed class Batch
    {
        /// <summary>Gets or sets the place of the batch among those that have begun: 0 until it has.</summary>
        public long Number { get; set; }

        public TaskCompletionSource<IReadOnlyDictionary<TKey, TRow>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource Abandonment { get; } = new();

        public bool IsAbandoned { get; set; }

        public int Count { get; set; }

        public int Waiting { get; set; }

        public bool HasBegun => Number > 0;

        public TimeSpan BeganAt { get; set; }
    }
}
