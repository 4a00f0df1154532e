namespace BuildRunner.Relational;

/// <summary>Reads builds by id. Concurrent reads share a statement: a server takes longer to begin one than to find a row.</summary>
internal sealed class BuildReads
{
    private const int MostStatements = 4;
    private const int LargestStatement = 256;

    private readonly RelationalQueueEngine _engine;
    private readonly IBuildDatabase _database;
    private readonly RequestBatches<BatchRequest<Guid, BuildReading>> _batches;

    public BuildReads(RelationalQueueEngine engine, IBuildDatabase database)
    {
        _engine = engine;
        _database = database;
        _batches = new(MostStatements, LargestStatement, gathers: false, AnswerAsync);
    }

    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        BatchRequest<Guid, BuildReading> request = new(id, cancellationToken);
        _batches.Add(request);
        return request.Task.WaitAsync(cancellationToken);
    }

    private async Task AnswerAsync(List<BatchRequest<Guid, BuildReading>> requests)
    {
        requests.RemoveAll(static request => request.IsGone);
        if (requests.Count == 0)
        {
            return;
        }

        try
        {
            var (rows, now) = await _engine.TryAsync(
                () => ReadAsync([.. requests.Select(static request => request.Content).Distinct()]),
                CancellationToken.None).ConfigureAwait(false);
            foreach (var request in requests)
            {
                var (build, failure) = rows.GetValueOrDefault(request.Content);
                if (failure is null)
                {
                    request.SetResult(new BuildReading { Build = build, Now = now });
                }
                else
                {
                    request.Fail(failure);
                }
            }
        }
        catch (Exception exception)
        {
            requests.ForEach(request => request.Fail(exception));
        }
    }

    private async Task<(Dictionary<Guid, (Build? Build, Exception? Failure)> Rows, DateTimeOffset Now)> ReadAsync(Guid[] ids)
    {
        Dictionary<Guid, (Build? Build, Exception? Failure)> rows = [];

        // A row that cannot be read must not fail the reads of other rows.
        var clock = await _database.ReadAsync(
            BuildStatements.Find(ids),
            row => rows[Guid.ParseExact(row.GetString(0), "D")] = BuildRow.TryRead(row),
            CancellationToken.None).ConfigureAwait(false);
        return (rows, BuildRow.Time(clock.Floor));
    }
}
