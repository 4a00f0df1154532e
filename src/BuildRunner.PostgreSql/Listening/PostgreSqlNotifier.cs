using System.Globalization;

namespace BuildRunner.PostgreSql.Listening;

/// <summary>Notifies other processes after a publish is committed, not in its transaction: the server commits transactions that notify one
/// at a time, each through the write of its log, so publishes would queue for the disk. Notifications that pile up while one is sent are
/// sent together.</summary>
internal sealed class PostgreSqlNotifier : IAsyncDisposable
{
    // By then the other processes have polled.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly PostgreSqlConnections _connections;
    private readonly PostgreSqlTables _tables;
    private readonly string _sender;
    private readonly TimeProvider _timeProvider;
    private readonly RequestBatches<(IReadOnlyList<QueueWake> Wakes, TaskCompletionSource? Sent)> _batches;

    public PostgreSqlNotifier(PostgreSqlConnections connections, PostgreSqlTables tables, string sender, TimeProvider timeProvider)
    {
        _connections = connections;
        _tables = tables;
        _sender = sender;
        _timeProvider = timeProvider;
        _batches = new(most: 1, largest: int.MaxValue, gathers: false, TellAsync);
    }

    public void Tell(IReadOnlyList<QueueWake> wakes)
    {
        if (wakes.Count > 0)
        {
            _batches.Add((wakes, null));
        }
    }

    /// <summary>Sends what is pending: a process may publish one message and exit.</summary>
    public async ValueTask DisposeAsync()
    {
        TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _batches.Add(([], sent));
        await sent.Task.ConfigureAwait(false);
    }

    private async Task TellAsync(List<(IReadOnlyList<QueueWake> Wakes, TaskCompletionSource? Sent)> requests)
    {
        // Whoever looks at the earliest time finds out about the later ones.
        var topics = requests.SelectMany(static request => request.Wakes)
            .GroupBy(static wake => wake.Topic, static wake => wake.After, StringComparer.Ordinal);
        string[] payloads = [.. topics.Select(topic => PostgreSqlWake.Write(_sender, new QueueWake(topic.Key, topic.Min())))];
        try
        {
            using CancellationTokenSource patience = new(Patience, _timeProvider);

            // If the server hangs, the driver is slow to observe the token.
            await TellAsync(payloads, patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The server is not available. Consumers poll, so nothing depends on it.
        }

        requests.ForEach(static request => request.Sent?.SetResult());
    }

    private async Task TellAsync(string[] payloads, CancellationToken cancellationToken)
    {
        if (payloads.Length == 0)
        {
            return;
        }

        var connection = await _connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            NpgsqlCommand command = new(_tables.Qualify(PostgreSqlText.NotifyAll), connection);
            await using (command.ConfigureAwait(false))
            {
                command.Parameters.Add(PostgreSqlParameter.Array(payloads));
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}

/// <summary>Formats the payload of a notification: the sender, the delay in milliseconds, and the topic.</summary>
internal static class PostgreSqlWake
{
    public static string Write(string sender, QueueWake wake) =>
        string.Create(CultureInfo.InvariantCulture, $"{sender} {(long)Math.Max(0, wake.After.TotalMilliseconds)} {wake.Topic}");

    /// <summary>Reads a payload, or returns <see langword="null"/> if another program wrote it.</summary>
    public static (string Sender, QueueWake Wake)? Read(string payload) =>
        payload.Split(' ', 3) is [var sender, var after, var topic]
        && long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds <= (long)TimeSpan.MaxValue.TotalMilliseconds
            ? (sender, new QueueWake(topic, TimeSpan.FromMilliseconds(milliseconds, 0)))
            : null;
}
