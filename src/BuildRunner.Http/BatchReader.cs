using BuildRunner.Http.Reading;
using BuildRunner.Http.Sending;

namespace BuildRunner.Http;

/// <summary>
/// Provides reads of single builds that share requests: one request reads many builds, by default up to 100.
/// </summary>
/// <remarks>
/// <para>
/// An answer is at most <see cref="BatchReaderOptions{TRow}.Freshness"/> old, counted from when its request was sent. Each request also
/// reads the recently requested builds with the oldest answers, so most reads find an answer waiting. While the maximum number of requests
/// is pending, further reads wait for the next one.
/// </para>
/// <para>
/// A row that <see cref="BatchReaderOptions{TRow}.IsFinal"/> calls final stays final. The last 10,000 of these rows are kept and never read
/// again, so an ended build never seems to run again.
/// </para>
/// <para>
/// Safe for concurrent use. Builds that nobody reads any more are forgotten.
/// </para>
/// </remarks>
/// <typeparam name="TKey">The type that identifies a build at the service.</typeparam>
/// <typeparam name="TRow">The type of what is read of a build.</typeparam>
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
    /// <param name="backend">The backend. Its time provider and rate limit are used.</param>
    /// <param name="read">Reads up to <see cref="BatchReaderOptions{TRow}.MaxBatch"/> builds with one request. Builds that the answer does
    /// not contain are left out.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="backend"/> or <paramref name="read"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
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
    /// Gets the maximum age of an answer at present: <see cref="BatchReaderOptions{TRow}.Freshness"/>, or more while the rate limit of the
    /// service would otherwise run out.
    /// </summary>
    public TimeSpan Freshness => _options.Freshness * _backend.Gate.Stretch();

    /// <summary>
    /// Reads a build, from an answer that is fresh enough or with the next request.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. A request is abandoned when nobody waits for it any more.</param>
    /// <returns>The row, or <see langword="null"/> if the answer does not contain the build. That does not prove that the build does not
    /// exist: read it by itself.</returns>
    /// <exception cref="BuildRunnerException">The read failed.</exception>
    public Task<TRow?> GetAsync(TKey key, CancellationToken cancellationToken = default) =>
        GetFreshAsync(key, TimeSpan.MaxValue, cancellationToken);

    /// <summary>
    /// Reads a build, from an answer that is no older than <paramref name="maxAge"/> or with the next request.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="maxAge">The maximum age of the answer, counted from when its request was sent; zero for a request that is sent after
    /// this call. The answer is never older than <see cref="Freshness"/>. Final rows have no age.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. A request is abandoned when nobody waits for it any more.</param>
    /// <returns>The row, or <see langword="null"/> if the answer does not contain the build. That does not prove that the build does not
    /// exist: read it by itself.</returns>
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
            // A copy, because several callers get the exception.
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
    /// Forgets a build, for example after a cancel. A request that is sent after this call answers the next read.
    /// </summary>
    /// <param name="key">The build.</param>
    /// <param name="evenFinal">Whether to forget a final row too, for a key that the service has reused for a new build.</param>
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

            // Outside the lock, because it calls the runner's code.
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

            // Observed, because nobody may be waiting any more.
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
            // Others may still join a batch that has not begun.
            if (--batch.Waiting > 0 || !batch.HasBegun || batch.Completion.Task.IsCompleted)
            {
                return;
            }

            batch.IsAbandoned = true;
        }

        batch.Abandonment.Cancel();
    }
}
