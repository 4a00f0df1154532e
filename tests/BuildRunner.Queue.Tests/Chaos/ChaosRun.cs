using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using BuildRunner.Queue.Host;

namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>Two processes that consume one database and are killed again and again, while messages are published and the server comes and goes. What is random is when; what has happened is in the journals.</summary>
internal sealed class ChaosRun(ChaosDatabase database, ChaosOptions options, CancellationToken cancellationToken) : IDisposable
{
    private const int Processes = 2;
    private const int BatchSize = 20;

    // Also where a slow machine takes all the time to start processes.
    private const int MinKills = 3;

    private readonly string _directory = Directory.CreateTempSubdirectory("queue-journals-").FullName;
    private readonly Stopwatch _watch = new();
    private int _kills;
    private int _started;
    private int _interruptions;
    private bool _isInterrupted;

    public int Kills => _kills;

    /// <summary>Gets the times at which the server was away. Calls that it did not answer then may have been executed.</summary>
    public List<(long From, long To)> Interruptions { get; } = [];

    private TimeSpan Duration => TimeSpan.FromSeconds(options.Seconds);

    /// <summary>Gets what the processes have written down, each in its order.</summary>
    public IEnumerable<IEnumerable<Entry>> Journals => Directory.EnumerateFiles(_directory).Select(Journal.Read);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    public async Task RunAsync()
    {
        using Journal journal = new(NextJournal());
        await using var engine = Host.Chaos.CreateEngine(database.Engine, database.ConnectionString, journal);
        await engine.StartAsync(cancellationToken);
        var messages = Messages().Chunk(BatchSize).ToList();
        for (var i = 0; i < messages.Count / 2; i++)
        {
            // One by one, the moment at which the clock is read is known well enough to see when it is rounded.
            foreach (var batch in i < 10 ? messages[i].Chunk(1) : [messages[i]])
            {
                await engine.PublishAsync(batch, cancellationToken);
            }
        }

        await ShouldBeVisibleAsAskedAsync();
        _watch.Start();
        await Task.WhenAll([PublishAsync(engine, messages.Skip(messages.Count / 2).ToList()), InterruptAsync(), .. Enumerable.Range(0, Processes).Select(KillAsync)]);
        await DrainAsync();
    }

    private IEnumerable<OutgoingMessage> Messages()
    {
        var random = options.Seed.For("messages");
        var partitions = Math.Max(1, options.Messages / 4);
        for (var i = 0; i < options.Messages; i++)
        {
            // Few partitions have many messages, and many have few.
            var partition = (int)(partitions * random.NextDouble() * random.NextDouble());
            var delay = random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.NextDouble() * 1000);
            yield return new OutgoingMessage(Host.Chaos.Topic, new Message { PartitionKey = $"p{partition}", Id = $"m{i}", Payload = BitConverter.GetBytes(i) }, delay);
        }
    }

    private async Task PublishAsync(IQueueEngine engine, List<OutgoingMessage[]> batches)
    {
        for (var i = 0; i < batches.Count; i++)
        {
            await WaitAsync(Duration * i / batches.Count);
            while (true)
            {
                try
                {
                    await engine.PublishAsync(batches[i], cancellationToken);
                    break;
                }
                catch (Exception exception) when (exception is DbException && (_isInterrupted || _interruptions > 0))
                {
                    // Whether it was stored is not known, and it does no harm to do it again.
                    await Task.Delay(50, cancellationToken);
                }
            }
        }
    }

    private async Task InterruptAsync()
    {
        foreach (var kills in new[] { false, true })
        {
            await WaitAsync(Duration * (kills ? 2 : 1) / 3);
            var from = Host.Chaos.Now;
            _isInterrupted = true;
            await database.InterruptAsync(kills);
            Interlocked.Increment(ref _interruptions);
            _isInterrupted = false;
            Interruptions.Add((from, Host.Chaos.Now));
        }
    }

    /// <summary>Starts and kills one process after the other.</summary>
    private async Task KillAsync(int slot)
    {
        var random = options.Seed.For(string.Create(CultureInfo.InvariantCulture, $"kills {slot}"));

        // The next one is there before the last one is killed, because it takes long to start.
        var (next, nextStalls) = StartNext(random);
        for (var kills = 0; kills < MinKills || _watch.Elapsed < Duration; kills++)
        {
            await using var process = next;
            var stalls = nextStalls;
            (next, nextStalls) = StartNext(random);
            var interruptions = _interruptions;
            var mayFail = _isInterrupted;
            if (await process.ConsumesAsync(cancellationToken))
            {
                var life = TimeSpan.FromMilliseconds(random.NextDouble() * 400) + (stalls ? Host.Chaos.Stall : TimeSpan.Zero);
                await Task.Delay(life, cancellationToken);
                await process.KillAsync();
                Interlocked.Increment(ref _kills);
                await CheckAsync();
            }
            else if (!mayFail && !_isInterrupted && interruptions == _interruptions)
            {
                Assert.Fail($"A process has ended by itself: {await process.ErrorAsync()}");
            }
        }

        await next.DisposeAsync();
    }

    // Some stall for longer than their leases, and go on with what they were about to do.
    private (ConsumerProcess Process, bool Stalls) StartNext(Random random) => random.Next(5) == 0 ? (Start($"{random.Next(2, 8)}"), true) : (Start("-"), false);

    private async Task CheckAsync()
    {
        try
        {
            await database.CheckAsync();
        }
        catch (DbException exception)
        {
            Assert.Fail($"The database cannot be used after a kill: {exception}");
        }
    }

    /// <summary>Lets processes that nobody kills do what is left.</summary>
    private async Task DrainAsync()
    {
        await using var one = Start("-");
        await using var other = Start("-");
        (await one.ConsumesAsync(cancellationToken)).Should().BeTrue();
        (await other.ConsumesAsync(cancellationToken)).Should().BeTrue();
        while ((await database.QueryAsync($"SELECT topic, COUNT(*) FROM queue_messages WHERE topic = '{Host.Chaos.Topic}' GROUP BY topic")) is [var (_, left)])
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"{left} messages do not end: {string.Join(", ", await database.QueryAsync("SELECT id, visible_after FROM queue_messages WHERE topic = 'chaos' ORDER BY seq LIMIT 20"))}");
            }

            await Task.Delay(50, CancellationToken.None);
        }

        (await one.StopAsync(cancellationToken)).Should().Be(0, await one.ErrorAsync());
        (await other.StopAsync(cancellationToken)).Should().Be(0, await other.ErrorAsync());
    }

    /// <summary>Looks, while nobody consumes, when messages will be visible.</summary>
    private async Task ShouldBeVisibleAsAskedAsync()
    {
        var visible = (await database.QueryAsync("SELECT id, visible_after FROM queue_messages")).ToDictionary(static row => row.Key, static row => row.Value);
        foreach (var publishing in Journals.Single().OfType<Entry.Publishing>())
        {
            foreach (var message in publishing.Messages.Where(static message => message.Delay > 0))
            {
                (visible[message.Id] * 1000).Should().BeGreaterThanOrEqualTo(publishing.At + (long)(message.Delay * 1000), "{0} is not to be early", message.Id);
            }
        }
    }

    private ConsumerProcess Start(string stallsAt) => ConsumerProcess.Start(database, NextJournal(), options.Seed, stallsAt);

    private string NextJournal() => Path.Combine(_directory, $"{Interlocked.Increment(ref _started)}");

    private async Task WaitAsync(TimeSpan until)
    {
        if (until > _watch.Elapsed)
        {
            await Task.Delay(until - _watch.Elapsed, cancellationToken);
        }
    }
}
