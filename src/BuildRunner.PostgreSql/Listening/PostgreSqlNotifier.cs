using BuildRunner.PostgreSql.Schema;
using BuildRunner.PostgreSql.Sessions;
using BuildRunner.Queue.Sessions;
using Npgsql;

namespace BuildRunner.PostgreSql.Listening;

/// <summary>
/// Tells the other processes what this one has published, once it is committed. Not in the same transaction: of those that notify, the server commits one at a time, from before the write of its log to after it, so that publishes
/// would wait for the disk one after the other. What is to be told while something is being told is told together.
/// </summary>
internal sealed class PostgreSqlNotifier(PostgreSqlConnections connections, PostgreSqlTables tables, string sender, TimeProvider timeProvider)
    : IAsyncDisposable
{
    // By then those who would be told have long looked by themselves.
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
                // By the earlier of two times somebody looks, and knows then when the other is.
                _pending[wake.Topic] = _pending.TryGetValue(wake.Topic, out var after) && after < wake.After ? after : wake.After;
            }

            if (!_isTelling)
            {
                _isTelling = true;

                // It goes on for others than whoever has begun it.
                using (ExecutionContext.SuppressFlow())
                {
                    _telling = Task.Run(TellAsync);
                }
            }
        }
    }

    /// <summary>Tells what is still to be told: a process may publish one message and end.</summary>
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

                // A driver whose server hangs heeds the token late.
                await TellAsync(payloads, patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The server is away, or gives no connection. Nothing depends on it: whoever waits looks by himself.
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
