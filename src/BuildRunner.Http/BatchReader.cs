using BuildRunner.Http.Reading;
using BuildRunner.Http.Sending;

namespace BuildRunner.Http;

/// <summary>
/// Answers many reads of single builds with few requests that read a hundred at a time.
/// </summary>
/// <remarks>
/// <para>An answer is at most <see cref="BatchReaderOptions{TRow}.Freshness"/> old, counted from when its request was sent. Each request takes along the builds that were asked for lately and are the longest out of date, so that most reads find their answer there. While all requests are under way, what is asked for waits for the next one.</para>
/// <para>What <see cref="BatchReaderOptions{TRow}.IsFinal"/> has called final stays: the last 10,000 of these rows are kept and never
/// read again, so that a build which ended is not seen to run once more.</para>
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
    private readonly BatchEntries<TKey, TRow> _entries;
    private readonly Queue<BatchEntry<TKey, TRow>> _wanted = new();
    private readonly long _origin;

    private Batch<TKey, TRow>? _open;
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
        _entries = new(_options);
        _origin = backend.Options.TimeProvider.GetTimestamp();
    }

    /// <summary>
    /// Gets how old an answer may be at present: <see cref="BatchReaderOptions{TRow}.Freshness"/>, or more while the rate limit of the
    /// service would not last.
    /// </summary>
    public TimeSpan Freshness => _options.Freshness * _backend.Gate.Stretch();

    /// <summary>
    /// Reads a build, from an answer that is fresh enough or with the next request.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A request is given up when nobody waits for it any
    /// more.</param>
    /// <returns>What was read, or <see langword="null"/> if the answer did not name the build. That is no proof that it is not there: ask
    /// for it alone.</returns>
    /// <exception cref="BuildRunnerException">The read failed.</exception>
    public Task<TRow?> GetAsync(TKey key, CancellationToken cancellationToken = default) =>
        GetFreshAsync(key, TimeSpan.MaxValue, cancellationToken);

    /// <summary>
    /// Reads a build, from an answer whose request was sent less than a time ago or with the next request.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="maxAge">How old the answer may be: zero for one whose request is sent after this call. It is never older than
    /// <see cref="Freshness"/>. What is final has no age.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A request is given up when nobody waits for it any
    /// more.</param>
    /// <returns>What was read, or <see langword="null"/> if the answer did not name the build. That is no proof that it is not there: ask
    /// for it alone.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxAge"/> is negative.</exception>
    /// <exception cref="BuildRunnerException">The read failed.</exception>
    public async Task<TRow?> GetFreshAsync(TKey key, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        Batch<TKey, TRow> batch;
        lock (_lock)
        {
            if (_entries.FindFinal(key) is { } final)
            {
                HttpTelemetry.RecordSaved(_backend.Options.Name);
                return final;
            }

            var (now, freshness) = (Now, Freshness);
            var age = maxAge < freshness ? maxAge : freshness;
            var entry = _entries.Get(key);
            entry.AskedAt = now;
            if (entry.IsKnown && now - entry.ReadAt < age)
            {
                HttpTelemetry.RecordSaved(_backend.Options.Name);
                return entry.Row;
            }

            batch = entry.Batch is { } current && CanAnswer(current, entry, now, age) ? current : Want(entry);
            if (batch.HasBegun || batch.Waiting > 0)
            {
                HttpTelemetry.RecordSaved(_backend.Options.Name);
            }

            batch.Waiting++;
        }

        Start();
        try
        {
            var rows = await batch.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                return _entries.FindFinal(key) ?? rows.GetValueOrDefault(key);
            }
        }
        catch (BuildRunnerException exception)
        {
            // An exception of one's own: it is thrown to many.
            throw exception.Copy();
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _backend.FailureOf(exception);
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
    /// <param name="evenFinal">Whether to forget even what is final, for a key that the service has given to a new build.</param>
    public void Forget(TKey key, bool evenFinal = false)
    {
        lock (_lock)
        {
            _entries.Forget(key, _batches, evenFinal);
        }
    }

    private TimeSpan Now => _backend.Options.TimeProvider.GetElapsedTime(_origin);

    private static bool CanAnswer(Batch<TKey, TRow> batch, BatchEntry<TKey, TRow> entry, TimeSpan now, TimeSpan age) =>
        !batch.HasBegun || (!batch.IsAbandoned && batch.Number > entry.ForgottenWith && now - batch.BeganAt < age);

    private Batch<TKey, TRow> Want(BatchEntry<TKey, TRow> entry)
    {
        if (_open is not { HasBegun: false } || _open.Count == _options.MaxBatch)
        {
            _open = new Batch<TKey, TRow>();
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
            Batch<TKey, TRow> batch;
            List<BatchEntry<TKey, TRow>> entries;
            lock (_lock)
            {
                if (_underWay >= _options.Concurrency || !_wanted.TryPeek(out var first))
                {
                    return;
                }

                batch = first.Batch!;
                entries = Take(batch);
                _underWay++;
            }

            CleanContext.Run(() => _ = RunAsync(batch, entries));
        }
    }

    private List<BatchEntry<TKey, TRow>> Take(Batch<TKey, TRow> batch)
    {
        List<BatchEntry<TKey, TRow>> entries = [];
        while (_wanted.TryPeek(out var wanted) && wanted.Batch == batch)
        {
            entries.Add(_wanted.Dequeue());
        }

        batch.BeganAt = Now;
        batch.Number = ++_batches;
        _entries.TakeAlong(batch, entries);
        return entries;
    }

    private async Task RunAsync(Batch<TKey, TRow> batch, List<BatchEntry<TKey, TRow>> entries)
    {
        IReadOnlyDictionary<TKey, TRow>? rows = null;
        Exception? failure = null;
        try
        {
            HttpTelemetry.RecordBatch(_backend.Options.Name, entries.Count);
            rows = await _read([.. entries.Select(static entry => entry.Key)], batch.Abandonment.Token).ConfigureAwait(false);

            // Not under the lock: what tells is the runner's own.
            var read = entries.ConvertAll(entry => (entry, rows.GetValueOrDefault(entry.Key)));
            Note(batch, read.ConvertAll(one => (one.entry, one.Item2, IsFinal(one.Item2))));
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        finally
        {
            Free(batch, entries);
        }

        if (failure is null)
        {
            batch.Completion.TrySetResult(rows!);
        }
        else
        {
            batch.Completion.TrySetException(failure);

            // Nobody may be left to look at it.
            _ = batch.Completion.Task.Exception;
        }

        Start();
    }

    private bool IsFinal(TRow? row) => row is not null && _options.IsFinal?.Invoke(row) == true;

    private void Note(Batch<TKey, TRow> batch, List<(BatchEntry<TKey, TRow> Entry, TRow? Row, bool IsFinal)> read)
    {
        lock (_lock)
        {
            foreach (var (entry, row, isFinal) in read)
            {
                _entries.Note(batch, entry, row, isFinal);
            }
        }
    }

    private void Free(Batch<TKey, TRow> batch, List<BatchEntry<TKey, TRow>> entries)
    {
        lock (_lock)
        {
            _underWay--;
            foreach (var entry in entries.Where(entry => entry.Batch == batch))
            {
                entry.Batch = null;
            }
        }
    }

    private void Leave(Batch<TKey, TRow> batch)
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
}
