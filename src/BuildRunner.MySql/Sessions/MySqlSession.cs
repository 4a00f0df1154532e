using System.Data.Common;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.MySql.Sessions;

internal sealed class MySqlSession(MySqlConnection connection, MySqlTransaction? joined, string clock, ReadyBounds bounds)
    : SqlSession(bounds, joined is not null)
{
    protected override MySqlQueueBatch Create() => new(connection, joined, clock);

    protected override async Task<List<PartitionRow>> TryCreateAsync(string topic, string[] keys, CancellationToken cancellationToken)
    {
        List<PartitionRow> rows = [];
        var batch = Create();
        batch.Add(MySqlQueueBatch.DoNotWait).End();
        batch.AddLockOrCreate(topic, keys, rows);
        batch.Add(MySqlQueueBatch.WaitAgain).End();
        try
        {
            await batch.RunAsync(cancellationToken).ConfigureAwait(false);
            return rows;
        }
        catch (MySqlException exception) when (IsLockTimeout(exception))
        {
            // The server rolls back the statement, not the transaction.
            var wait = Create();
            wait.Add(MySqlQueueBatch.WaitAgain).End();
            await wait.RunAsync(cancellationToken).ConfigureAwait(false);
            return [];
        }
    }

    protected override bool IsLockTimeout(DbException exception) => exception is MySqlException { ErrorCode: MySqlErrorCode.LockWaitTimeout };
}
