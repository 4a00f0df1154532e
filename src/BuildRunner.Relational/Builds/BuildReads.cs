using System.Data.Common;
using BuildRunner.Orchestration;

namespace BuildRunner.Relational;

/// <summary>Reads builds by id. Concurrent reads share a statement: a server takes longer to begin one than to find a row.</summary>
internal sealed class BuildReads
{
    private const int MostStatements = 4;
    private const int LargestStatement = 256;

    private readonly RelationalQueueEngine _engine;
    private readonly IBuildDatabase _database;
    private readonly RequestBatches<Request> _batches;

    public BuildReads(RelationalQueueEngine engine, IBuildDatabase database)
    {
        _engine = engine;
        _database = database;
        _batches = new(MostStatements, LargestStatement, gathers: false, AnswerAsync);
    }

    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<BuildReading>(cancellationToken);
        }

        Request request = new(id, cancellationToken);
        _batches.Add(request);
        return request.Task.WaitAsync(cancellationToken);
    }

    private async Task AnswerAsync(List<Request> requests)
    {
        requests.RemoveAll(static request => request.IsGone);
        try
        {
            var (rows, now) = await _engine.TryAsync(
                () => ReadAsync([.. requests.Select(static request => request.Id).Distinct()]),
                CancellationToken.None).ConfigureAwait(false);
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

        var clock = await _database.ReadAsync(
            BuildStatements.Find(ids),
            row => rows[Guid.ParseExact(row.GetString(0), "D")] = Read(row),
            CancellationToken.None).ConfigureAwait(false);
        return (rows, BuildRow.Time(clock.Floor));
    }

    // A row that cannot be read must not fail the reads of other rows.
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

    private sealed class Request(Guid id, CancellationToken cancellationToken)
        : TaskCompletionSource<BuildReading>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Guid Id { get; } = id;

        public bool IsGone => cancellationToken.IsCancellationRequested;

        public void Fail(Exception exception)
        {
            SetException(exception);

            // A caller that has left does not observe it.
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
