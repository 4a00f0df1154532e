namespace BuildRunner.PostgreSql.Listening;

/// <summary>Listens for messages that other processes and callers' transactions publish. Consumers poll as well, so nothing depends on
/// it.</summary>
internal sealed class PostgreSqlListener(
    PostgreSqlConnections connections, PostgreSqlTables tables, WakeSignals signals, TimeProvider timeProvider) : IAsyncDisposable
{
    /// <summary>The sender of notifications for all processes, this one included.</summary>
    public const string Anybody = "-";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _reconnect = new();
    private Task? _listening;

    /// <summary>Gets the name of this process, which ignores its own notifications.</summary>
    public string Sender { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Starts to listen. If the server is not available, it keeps trying in the background.</summary>
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

    /// <summary>Replaces the connection, which may lead to a server that is no longer the primary.</summary>
    public void Reconnect() => _ = Interlocked.Exchange(ref _reconnect, new()).CancelAsync();

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

        // If the server hangs, the driver is slow to observe the token.
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
                // Disposed or told to reconnect.
            }
            catch (Exception)
            {
                // The server is not available. Consumers poll meanwhile.
                _started.TrySetResult();
                await PauseAsync(failures).ConfigureAwait(false);
            }
        }
    }

    private async Task ListenAsync(Action heard)
    {
        using var connected = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, Volatile.Read(ref _reconnect).Token);
        var connection = await connections.OpenAsync(connected.Token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            connection.Notification += (_, notification) => Hear(notification.Payload);
            NpgsqlCommand command = new(tables.Qualify($"SELECT {PostgreSqlText.Channel}"), connection);
            await using (command.ConfigureAwait(false))
            {
                command.CommandText = $"LISTEN {await command.ExecuteScalarAsync(connected.Token).ConfigureAwait(false)}";
                await command.ExecuteNonQueryAsync(connected.Token).ConfigureAwait(false);
                heard();
                if (!_started.TrySetResult())
                {
                    // Notifications sent meanwhile are lost.
                    signals.WakeAll();
                }

                command.CommandText = PostgreSqlText.IsReadOnly;
                while (true)
                {
                    // A silent connection may be cut, or lead to a server that is no longer the primary.
                    if (!await connection.WaitAsync(KeepAlive, connected.Token).ConfigureAwait(false)
                        && await command.ExecuteScalarAsync(connected.Token).ConfigureAwait(false) is true)
                    {
                        throw new ReadOnlyServerException();
                    }
                }
            }
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
        var longest = Math.Min(LongestPause.TotalMilliseconds, 50 * Math.Pow(2, Math.Min(failures, 16)));
        var pause = TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
        await Task.Delay(pause, timeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
