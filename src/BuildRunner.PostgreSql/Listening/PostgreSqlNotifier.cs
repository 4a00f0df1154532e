using BuildRunner.PostgreSql.Schema;
using BuildRunner.PostgreSql.Sessions;
using BuildRunner.Queue.Sessions;
using Npgsql;

namespace BuildRunner.PostgreSql.Listening;

/// <summary>
/// Notifies other processes after a publish is committed, not in its transaction: the server commits transactions that notify one at a
/// time, each through the write of its log, so publishes would queue for the disk. Notifications that pile up while one is sent are sent
/// together.
/// </summary>
internal sealed class PostgreSqlNotifier(
    PostgreSqlConnections connections, PostgreSqlTables tables, string sender, TimeProvider timeProvider) : IAsyncDisposable
{
    // By then the other processes have polled.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TimeSpan> _pending = new(StringComparer.Ordinal);
    private Task _telling = Task.CompletedTask;
    private bool _isTelling;
    private bool _isDisposed;

    public void Tell(IReadOnlyList<QueueWake> wakes)
    {
        lock (_lock)
        {
            if (_isDisposed || wakes.Count == 0)
            {
                return;
            }

            foreach (var wake in wakes)
            {
                // Whoever looks at the earlier time finds out about the later one.
                _pending[wake.Topic] = _pending.TryGetValue(wake.Topic, out var after) && after < wake.After ? after : wake.After;
            }

            if (!_isTelling)
            {
                _isTelling = true;

                // It outlives the call that started it.
                using (ExecutionContext.SuppressFlow())
                {
                    _telling = Task.Run(TellAsync);
                }
            }
        }
    }

    /// <summary>Sends what is pending: a process may publish one message and exit.</summary>
    public async ValueTask DisposeAsync()
    {
        Task telling;
        lock (_lock)
        {
            _isDisposed = true;
            telling = _telling;
        }

        await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TellAsync()
    {
        while (Take() is { Length: > 0 } payloads)
        {
            try
            {
                using CancellationTokenSource patience = new(Patience, timeProvider);

                // If the server hangs, the driver is slow to observe the token.
                await TellAsync(payloads, patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The server is not available. Consumers poll, so nothing depends on it.
            }
        }
    }

    private string[] Take()
    {
        lock (_lock)
        {
            string[] payloads = [.. _pending.Select(wake => PostgreSqlWake.Write(sender, new QueueWake(wake.Key, wake.Value)))];
            _pending.Clear();
            _isTelling = payloads.Length > 0;
            return payloads;
        }
    }

    private async Task TellAsync(string[] payloads, CancellationToken cancellationToken)
    {
        var connection = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            NpgsqlCommand command = new(tables.Qualify(PostgreSqlText.NotifyAll), connection);
            await using (command.ConfigureAwait(false))
            {
                command.Parameters.Add(PostgreSqlParameter.Texts(payloads));
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
