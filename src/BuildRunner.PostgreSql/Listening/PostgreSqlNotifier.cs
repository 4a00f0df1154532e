using System.Data.Common;
using System.Net.Sockets;
using BuildRunner.PostgreSql.Sessions;
using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.PostgreSql.Listening;

/// <summary>
/// Tells the other processes what this one has published, once it is committed. Not in the same transaction: of those that notify, the server commits one at a time, from before the write of its log to after it, so that publishes
/// would wait for the disk one after the other. What is to be told while something is being told is told together.
/// </summary>
internal sealed class PostgreSqlNotifier(NpgsqlDataSource dataSource, string sender, TimeProvider timeProvider) : IAsyncDisposable
{
    // Seconds. Nobody waits for a notification for longer than for his own look.
    private const int Timeout = 5;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _pending = new(StringComparer.Ordinal);
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
                var at = timeProvider.GetTimestamp() + (long)(Math.Max(0, wake.After.TotalSeconds) * timeProvider.TimestampFrequency);
                _pending[wake.Topic] = Math.Min(at, _pending.GetValueOrDefault(wake.Topic, long.MaxValue));
            }

            if (!_isTelling)
            {
                _isTelling = true;
                _telling = Task.Run(TellAsync);
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

        await telling.ConfigureAwait(false);
    }

    private async Task TellAsync()
    {
        while (Take() is { Length: > 0 } payloads)
        {
            try
            {
                await TellAsync(payloads).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is DbException or SocketException or IOException or TimeoutException or InvalidOperationException)
            {
                // The server is away, or gives no connection. Whoever waits looks by himself.
            }
        }
    }

    private string[] Take()
    {
        lock (_lock)
        {
            var now = timeProvider.GetTimestamp();
            string[] payloads = [.. _pending.Select(wake => PostgreSqlWake.Write(sender, new QueueWake(wake.Key, wake.Value <= now ? TimeSpan.Zero : timeProvider.GetElapsedTime(now, wake.Value))))];
            _pending.Clear();
            _isTelling = payloads.Length > 0;
            return payloads;
        }
    }

    private async Task TellAsync(string[] payloads)
    {
        var connection = await dataSource.OpenConnectionAsync().ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            NpgsqlCommand command = new(PostgreSqlText.NotifyAll, connection) { CommandTimeout = Timeout };
            await using (command.ConfigureAwait(false))
            {
                command.Parameters.Add(PostgreSqlParameter.Texts(payloads));
                await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            }
        }
    }
}
