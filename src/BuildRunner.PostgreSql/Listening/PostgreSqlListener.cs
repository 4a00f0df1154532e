using BuildRunner.PostgreSql.Schema;
using BuildRunner.PostgreSql.Sessions;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.PostgreSql.Listening;

/// <summary>Hears what other processes publish, and what is published in transactions of callers. Nothing depends on it: who waits looks by himself as well.</summary>
internal sealed class PostgreSqlListener(PostgreSqlConnections connections, PostgreSqlTables tables, WakeSignals signals, TimeProvider timeProvider)
    : IAsyncDisposable
{
    /// <summary>The sender of what everybody is to hear, this process included.</summary>
    public const string Anybody = "-";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _listening;
    private CancellationTokenSource? _connected;
    private Task _disconnecting = Task.CompletedTask;

    /// <summary>Gets who this is. What it has published itself it has been told already.</summary>
    public string Sender { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Begins to listen, unless the server does not let it; then it goes on trying.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                return Task.CompletedTask;
            }

            _listening ??= Task.Run(ListenAsync, CancellationToken.None);
        }

        return _started.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Gives up the connection, if there is one, for a new one: it may lead to a server that is not the primary any more.</summary>
    public void Reconnect()
    {
        lock (_lock)
        {
            _disconnecting = _connected?.CancelAsync() ?? _disconnecting;
            _connected = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? listening;
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _stop.Cancel();
            listening = _listening;
        }

        _started.TrySetResult();

        // A driver whose server hangs heeds the token late.
        await (listening ?? Task.CompletedTask).WaitAsync(Patience, timeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ListenAsync()
    {
        for (var failures = 0; !_stop.IsCancellationRequested; failures++)
        {
            try
            {
                await ListenAsync(() => failures = 0).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // It is to end, or to connect again.
            }
            catch (Exception)
            {
                // The server is away. Whoever waits looks by himself meanwhile.
                _started.TrySetResult();
                await PauseAsync(failures).ConfigureAwait(false);
            }
        }
    }

    private async Task ListenAsync(Action heard)
    {
        var connection = await connections.OpenAsync(_stop.Token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            connection.Notification += (_, notification) => Hear(notification.Payload);
            NpgsqlCommand command = new(tables.Qualify($"SELECT {PostgreSqlText.Channel}"), connection);
            await using (command.ConfigureAwait(false))
            {
                command.CommandText = $"LISTEN {await command.ExecuteScalarAsync(_stop.Token).ConfigureAwait(false)}";
                await command.ExecuteNonQueryAsync(_stop.Token).ConfigureAwait(false);

                heard();
                if (!_started.TrySetResult())
                {
                    // What was said meanwhile is missed.
                    signals.WakeAll();
                }

                await HearAsync(connection, command).ConfigureAwait(false);
            }
        }
    }

    private async Task HearAsync(NpgsqlConnection connection, NpgsqlCommand command)
    {
        using var connected = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        lock (_lock)
        {
            _connected = connected;
        }

        try
        {
            command.CommandText = PostgreSqlText.IsStandby;
            while (true)
            {
                // A connection that is cut without a word looks like one on which nobody speaks; and nobody speaks on a standby.
                if (!await connection.WaitAsync(KeepAlive, connected.Token).ConfigureAwait(false) && await command.ExecuteScalarAsync(connected.Token).ConfigureAwait(false) is true)
                {
                    throw new ReadOnlyServerException();
                }
            }
        }
        finally
        {
            await DisconnectedAsync().ConfigureAwait(false);
        }
    }

    private Task DisconnectedAsync()
    {
        lock (_lock)
        {
            _connected = null;
            return _disconnecting;
        }
    }

    private void Hear(string payload)
    {
        if (PostgreSqlWake.Read(payload) is { } heard && heard.Sender != Sender)
        {
            signals.Wake(heard.Wake.Topic, heard.Wake.After);
        }
    }

    private async Task PauseAsync(int failures)
    {
#pragma warning disable CA5394 // Jitter is no secret.
        var pause = Math.Min(LongestPause.TotalMilliseconds, 50 * Math.Pow(2, Math.Min(failures, 16))) * (0.5 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
        await Task.Delay(TimeSpan.FromMilliseconds(pause), timeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
