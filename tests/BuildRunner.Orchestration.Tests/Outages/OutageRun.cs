using System.Diagnostics;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>Two machines that work on messages and builds, and one that sends them, while something happens to the database.</summary>
internal sealed class OutageRun : IAsyncDisposable
{
    private const int Workers = 2;
    private const int Publishers = 8;
    private const int Submitters = 4;

    private readonly PostgreSqlCluster _cluster;
    private readonly OutageOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly OutageProcess _client;
    private readonly List<OutageProcess> _workers = [];
    private readonly Stopwatch _watch = new();
    private int _failedCalls;

    public OutageRun(PostgreSqlCluster cluster, OutageOptions options, bool keepsKeys, CancellationToken cancellationToken)
    {
        (_cluster, _options, _cancellationToken) = (cluster, options, cancellationToken);
        Messages = new(options.Messages, options.Random(1));
        Builds = new(options.Builds);
        Ci = new(keepsKeys);
        _client = OutageProcess.CreateClient(cluster, Logs);
        _workers.AddRange(Enumerable.Range(0, Workers).Select(_ => OutageProcess.Create(cluster, Ci, Messages, Builds, Logs)));
    }

    public OutageLogs Logs { get; } = new();

    public OutageMessages Messages { get; }

    public OutageBuilds Builds { get; }

    public OutageCi Ci { get; }

    public IBuildOrchestrator Orchestrator => _client.Builds;

    public IReadOnlyList<OutageProcess> Machines => _workers;

    /// <summary>Gets how many calls of the client have failed, and were made again.</summary>
    public int FailedCalls => _failedCalls;

    public string Summary => $"{_watch.Elapsed.TotalSeconds:F0} s, {Messages.Count} messages, {Messages.Deliveries} deliveries, {Messages.DoneAgain} handled again; {Builds.Count} builds, {Ci.Created} created, {Ci.Lost} answers lost; {_failedCalls} calls of the client failed.";

    /// <summary>Starts all, and sends everything while something happens.</summary>
    public async Task SendAsync(Func<Task> happening)
    {
        await Task.WhenAll([_client.StartAsync(_cancellationToken), .. _workers.Select(worker => worker.StartAsync(_cancellationToken))]);
        _watch.Start();
        var sending = Task.WhenAll(
        [
            .. Enumerable.Range(0, Publishers).Select(part => SendAsync(part, Publishers, Messages.Count, number => Messages.PublishAsync(_client.Publisher, number, _cancellationToken))),
            .. Enumerable.Range(0, Submitters).Select(part => SendAsync(part, Submitters, Builds.Count, number => Builds.SubmitAsync(_client.Builds, number, _cancellationToken))),
        ]);
        await Task.WhenAll(happening(), sending);
    }

    /// <summary>Sends some of it again.</summary>
    public async Task SendAgainAsync(IReadOnlyList<int> messages, IReadOnlyList<int> builds)
    {
        foreach (var number in messages)
        {
            await Messages.PublishAsync(_client.Publisher, number, _cancellationToken);
        }

        foreach (var number in builds)
        {
            await Builds.SubmitAsync(_client.Builds, number, _cancellationToken);
        }
    }

    /// <summary>Waits until nothing is left to do.</summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            try
            {
                var open = (await Orchestrator.ListAsync(new BuildQuery { HasEnded = false, Limit = 5 }, CancellationToken.None)).Builds;
                var left = await CountMessagesAsync();
                if (open.Count == 0 && left.Count == 0)
                {
                    return;
                }

                if (_cancellationToken.IsCancellationRequested)
                {
                    Assert.Fail($"It does not end. Builds: {string.Join(", ", open)}. Messages: {string.Join(", ", left)}. Logs: {string.Join(Environment.NewLine, Logs.Lines)}");
                }
            }
            catch (System.Data.Common.DbException) when (!_cancellationToken.IsCancellationRequested)
            {
                // It has not come back yet.
            }

            await Task.Delay(100, CancellationToken.None);
        }
    }

    public async Task StopAsync()
    {
        foreach (var process in _workers.Append(_client))
        {
            await process.StopAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _workers.Append(_client))
        {
            await process.DisposeAsync();
        }
    }

    // Spread over the time. What fails is sent again until it is acknowledged, as a caller does.
    private async Task SendAsync(int part, int parts, int count, Func<int, Task> send)
    {
        for (var number = part; number < count; number += parts)
        {
            var due = _options.Duration * number / count;
            if (due > _watch.Elapsed)
            {
                await Task.Delay(due - _watch.Elapsed, _cancellationToken);
            }

            while (!await TrySendAsync(() => send(number)))
            {
                await Task.Delay(50, _cancellationToken);
            }
        }
    }

    private async Task<bool> TrySendAsync(Func<Task> send)
    {
        try
        {
            await send();
            return true;
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or System.Net.Sockets.SocketException or TimeoutException)
        {
            Interlocked.Increment(ref _failedCalls);
            return false;
        }
    }

    private async Task<IReadOnlyDictionary<string, long>> CountMessagesAsync()
    {
        await using var source = _cluster.OpenPrimary();
        await using var command = source.CreateCommand("SELECT topic, COUNT(*) FROM queue_messages WHERE topic <> $1 GROUP BY topic");
        command.Parameters.AddWithValue(BuildTopics.Deadline);
        await using var reader = await command.ExecuteReaderAsync();
        Dictionary<string, long> counts = [];
        while (await reader.ReadAsync())
        {
            counts.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return counts;
    }
}
