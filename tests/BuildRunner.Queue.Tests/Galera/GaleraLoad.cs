using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>Publishes and handles messages by several engines for some time, many of them in one partition, and looks what became of them.</summary>
internal sealed class GaleraLoad(IReadOnlyList<RelationalQueueEngine> engines, TimeSpan duration)
{
    private const string Hot = "hot";
    private const int Batch = 5;
    private const int Partitions = 40;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = 4 * Lease;

    private readonly ConcurrentDictionary<MessageKey, int> _handled = [];
    private readonly ConcurrentDictionary<MessageKey, bool> _published = [];
    private readonly ConcurrentBag<long> _hotAt = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _errors = [];
    private long _lastAt = Stopwatch.GetTimestamp();
    private int _refused;
    private int _number;

    public int Published => _published.Count;

    /// <summary>Gets how many messages were published and never handled.</summary>
    public int Lost => _published.Keys.Count(key => !_handled.ContainsKey(key));

    /// <summary>Gets how many messages were settled as done twice.</summary>
    public int Doubled => _handled.Count(static item => item.Value > 1);

    /// <summary>Gets how many publishes and rounds failed although they were tried several times.</summary>
    public int Refused => _refused;

    /// <summary>Gets what the driver has said to those.</summary>
    public string Errors => string.Join("; ", _errors.Select(static error => $"{error.Value} times {error.Key}"));

    /// <summary>Gets how many messages were handled per second, until the last one.</summary>
    public double Rate { get; private set; }

    /// <summary>Gets the longest time in which no message of the partition that all share was handled.</summary>
    public TimeSpan LongestPause { get; private set; }

    public async Task RunAsync()
    {
        var watch = Stopwatch.StartNew();
        var began = Stopwatch.GetTimestamp();
        var consumers = engines.Select(engine => Task.Run(() => ConsumeAsync(engine))).ToList();
        await Task.WhenAll(engines.SelectMany(engine => Enumerable.Range(0, 2).Select(_ => Task.Run(() => PublishAsync(engine, watch)))));
        for (var (last, since) = (Lost, Stopwatch.StartNew()); Lost > 0 && since.Elapsed < Patience;)
        {
            await Task.Delay(20);
            if (Lost != last)
            {
                (last, since) = (Lost, Stopwatch.StartNew());
            }
        }

        await _stop.CancelAsync();
        await Task.WhenAll(consumers);
        Rate = _handled.Count / Stopwatch.GetElapsedTime(began, Volatile.Read(ref _lastAt)).TotalSeconds;
        var hot = _hotAt.Order().ToList();
        LongestPause = hot.Zip(hot.Skip(1)).Select(static pair => Stopwatch.GetElapsedTime(pair.First, pair.Second)).DefaultIfEmpty().Max();
    }

    private async Task PublishAsync(RelationalQueueEngine engine, Stopwatch watch)
    {
        while (watch.Elapsed < duration)
        {
            OutgoingMessage[] messages = [.. Enumerable.Range(0, Batch).Select(i =>
                new OutgoingMessage(Consumer.DefaultTopic, Consumer.MessageOf($"m{Interlocked.Increment(ref _number)}", i == 0 ? Hot : $"p{Random.Shared.Next(Partitions)}")))];
            if (await TryAsync(() => engine.PublishAsync(messages, CancellationToken.None)) is not null)
            {
                foreach (var message in messages)
                {
                    _published[message.Message.Key] = true;
                }
            }
        }
    }

    private async Task ConsumeAsync(RelationalQueueEngine engine)
    {
        Consumer consumer = new(engine) { LeaseDuration = Lease };
        IReadOnlyList<Claim> claims = [];
        for (var ending = new Stopwatch(); !_stop.IsCancellationRequested || (claims.Count > 0 && ending.Elapsed < Patience);)
        {
            if (_stop.IsCancellationRequested)
            {
                ending.Start();
            }

            Settlement[] settlements = [.. claims.Select(static claim => new Settlement(claim.Lease, Outcome.Done))];
            var result = await TryAsync(() => consumer.RunRoundAsync(_stop.IsCancellationRequested ? 0 : 50, takesQuarantined: true, settlements));
            if (result is null)
            {
                continue;
            }

            var now = Stopwatch.GetTimestamp();
            foreach (var (claim, settled) in claims.Zip(result.Settlements))
            {
                if (settled == LeaseResult.Applied)
                {
                    Volatile.Write(ref _lastAt, now);
                    _handled.AddOrUpdate(claim.Delivery.Message.Key, 1, static (_, times) => times + 1);
                    if (claim.Delivery.Message.PartitionKey == Hot)
                    {
                        _hotAt.Add(now);
                    }
                }
            }

            claims = [.. claims.Zip(result.Settlements).Where(static pair => pair.Second == LeaseResult.Busy).Select(static pair => pair.First), .. result.Claims];
            if (claims.Count == 0)
            {
                await Task.Delay(5);
            }
        }
    }

    private async Task<T?> TryAsync<T>(Func<Task<T>> action)
        where T : class
    {
        try
        {
            return await action();
        }
        catch (DbException exception)
        {
            _errors.AddOrUpdate($"{(exception as MySqlException)?.Number} {exception.Message}", 1, static (_, times) => times + 1);
            Interlocked.Increment(ref _refused);
            return null;
        }
    }
}
