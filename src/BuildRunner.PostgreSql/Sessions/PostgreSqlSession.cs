using System.Data.Common;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.PostgreSql.Sessions;

internal sealed class PostgreSqlSession(
    NpgsqlConnection connection, PostgreSqlText text, PostgreSqlPlaces places, ReadyBounds bounds, bool isJoined)
    : SqlSession(bounds, isJoined)
{
    private readonly PostgreSqlLocked _locked = new(places);
    private readonly bool _isJoined = isJoined;

    protected override PostgreSqlBatch Create() => new(connection, text, _locked, _isJoined);

    protected override async Task<List<PartitionRow>> TryCreateAsync(string topic, string[] keys, CancellationToken cancellationToken)
    {
        List<PartitionRow> rows = [];
        var batch = Create();
        batch.Add(PostgreSqlText.Savepoint);
        batch.Add(PostgreSqlText.DoNotWait);
        batch.AddLockOrCreate(topic, keys, rows);
        batch.Add(PostgreSqlText.WaitAgain);
        try
        {
            await batch.RunAsync(cancellationToken).ConfigureAwait(false);
            return rows;
        }
        catch (PostgresException exception) when (IsLockTimeout(exception))
        {
            var undo = Create();
            undo.Add(PostgreSqlText.Undo);
            await undo.RunAsync(cancellationToken).ConfigureAwait(false);
            return [];
        }
    }

    protected override bool IsLockTimeout(DbException exception) => exception.SqlState == PostgresErrorCodes.LockNotAvailable;
}
