using System.Globalization;

namespace BuildRunner.Relational;

/// <summary>Reads who waits for a runner. Each row is found by an index, so the cost does not grow with those that wait.</summary>
internal sealed class LineReads(RelationalQueueEngine engine, IBuildDatabase database)
{
    private readonly LineStatements _statements = new(database.BuildDialect);

    public async Task<LineReading> ReadAsync(
        string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken)
    {
        var (inUse, line) = (0, (int?)null);
        var clock = await ReadAsync(
            _statements.Count(runner, slots),
            row => (inUse, line) = ((int)row.GetInt64(0), row.IsDBNull(1) ? null : (int)row.GetInt64(1)),
            cancellationToken).ConfigureAwait(false);
        if (line is not { } first)
        {
            return new LineReading { InUse = inUse, Now = BuildRow.Time(clock.Floor) };
        }

        Build?[] found = [null, null, null];
        clock = await ReadAsync(
            _statements.Candidates(runner, first, turns.GetValueOrDefault(first)),
            row => found[Convert.ToInt32(row.GetValue(LineStatements.Kind), CultureInfo.InvariantCulture)] = BuildRow.Read(row),
            cancellationToken).ConfigureAwait(false);
        return new LineReading
        {
            InUse = inUse,

            // The last of its priority may have left the line since the first statement.
            Next = found[LineStatements.AfterTurn] ?? found[LineStatements.First] ?? found[LineStatements.Oldest],
            Oldest = found[LineStatements.Oldest],
            Now = BuildRow.Time(clock.Floor),
        };
    }

    private Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken) =>
        engine.TryAsync(() => database.ReadAsync(statement, read, cancellationToken), cancellationToken);
}
