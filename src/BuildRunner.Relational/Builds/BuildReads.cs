using System.Data.Common;
using BuildRunner.Orchestration;

namespace BuildRunner.Relational;

/// <summary>Reads builds by id. Those that are asked for while others are being read are read together, by one statement: a server takes longer to begin one than to find a row.</summary>
internal sealed class BuildReads(RelationalQueueEngine engine, IBuildDatabase database)
{
    // More than one, so that a slow statement holds up few; and few, so that others come together meanwhile.
    private const int MostStatements = 4;

    private const int LargestStatement = 256;

    private readonly Lock _lock = new();
    private readonly Queue<Request> _waiting = new();
    private int _running;

    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<BuildReading>(cancellationToken);
        }

        Request request = new(id, cancellationToken);
        bool runs;
        lock (_lock)
        {
            _waiting.Enqueue(request);
            runs = _running < MostStatements;
            _running += runs ? 1 : 0;
        }

        if (runs)
        {
            _ = RunAsync();
        }

        return request.Task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        await AnswerAsync(Take()).ConfigureAwait(false);
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _running--;
                return;
            }
        }

        // Whoever began does not go on for all who have come since, and what is read for them is not part of what he does.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(RunAsync);
        }
    }

    private List<Request> Take()
    {
        List<Request> taken = [];
        lock (_lock)
        {
            while (taken.Count < LargestStatement && _waiting.TryDequeue(out var request))
            {
                if (!request.IsGone)
                {
                    taken.Add(request);
                }
            }
        }

        return taken;
    }

    private async Task AnswerAsync(List<Request> requests)
    {
        try
        {
            var (rows, now) = await engine.TryAsync(() => ReadAsync([.. requests.Select(static request => request.Id).Distinct()]), CancellationToken.None).ConfigureAwait(false);
            foreach (var request in requests)
            {
                request.Answer(rows.GetValueOrDefault(request.Id), now);
            }
        }
        catch (Exception exception)
        {
            requests.ForEach(request => request.Fail(exception));
        }
    }

    private async Task<(Dictionary<Guid, Row> Rows, DateTimeOffset Now)> ReadAsync(Guid[] ids)
    {
        Dictionary<Guid, Row> rows = [];
        if (ids.Length == 0)
        {
            return (rows, default);
        }

        var clock = await database.ReadAsync(BuildStatements.Find(ids), row => rows[Guid.ParseExact(row.GetString(0), "D")] = Read(row), CancellationToken.None).ConfigureAwait(false);
        return (rows, BuildRow.Time(clock.Floor));
    }

    // A row that cannot be read is nothing to those who have asked for another.
    private static Row Read(DbDataReader row)
    {
        try
        {
            return new Row(BuildRow.Read(row), null);
        }
        catch (Exception exception)
        {
            return new Row(null, exception);
        }
    }

    private readonly record struct Row(Build? Build, Exception? Failure);

    private sealed class Request(Guid id, CancellationToken cancellationToken) : TaskCompletionSource<BuildReading>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Guid Id { get; } = id;

        public bool IsGone => cancellationToken.IsCancellationRequested;

        public void Fail(Exception exception)
        {
            SetException(exception);

            // Whoever has gone meanwhile does not look at it.
            _ = Task.Exception;
        }

        public void Answer(Row row, DateTimeOffset now)
        {
            if (row.Failure is { } failure)
            {
                Fail(failure);
            }
            else
            {
                SetResult(new BuildReading { Build = row.Build, Now = now });
            }
        }
    }
}
