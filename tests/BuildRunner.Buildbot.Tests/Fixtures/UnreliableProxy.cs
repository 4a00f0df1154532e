using System.Globalization;
using System.Net;
using BuildRunner.Testing;

namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>A way to a master that loses answers, delays them and cuts connections, by chance. It sees what really goes over the wire, what a transport repeats by itself too.</summary>
internal sealed class UnreliableProxy : IAsyncDisposable
{
    private const string Create = "POST /api/v2/forceschedulers/force ";

    private readonly LossyTcpProxy _proxy;
    private readonly Lock _lock = new();
    private readonly Random _random;

    // Reads that have just failed: a read is tried four times, and shall not fail because the dice want it to.
    private readonly HashSet<string> _spared = [];
    private readonly Dictionary<ProxyFate, int> _fates = [];
    private int _creates;

    public UnreliableProxy(BuildbotServer server, int? seed = null)
    {
        Seed = seed ?? (Environment.GetEnvironmentVariable("BUILDBOT_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next());
        _random = new Random(Seed);
        _proxy = new LossyTcpProxy(new IPEndPoint(IPAddress.Loopback, server.Port), Judge);
    }

    public int Seed { get; }

    public Uri Url => new($"http://{_proxy.EndPoint}/");

    /// <summary>Gets how many creates went over the wire.</summary>
    public int Creates => Volatile.Read(ref _creates);

    /// <summary>Gets how many requests had which fate.</summary>
    public IReadOnlyDictionary<ProxyFate, int> Fates
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<ProxyFate, int>(_fates);
            }
        }
    }

    /// <summary>Loses the answer to the next create, with or without a key.</summary>
    public ConformanceInjection LoseNextCreate() => _proxy.LoseAnswer(Create);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private ProxyFate Judge(string head)
    {
        lock (_lock)
        {
            var fate = head.StartsWith("GET ", StringComparison.Ordinal) ? OfRead(head.Split(' ')[1]) : OfPost(head);
            _fates[fate] = _fates.GetValueOrDefault(fate) + 1;
            return fate;
        }
    }

    private ProxyFate OfRead(string target)
    {
        // A log is read once.
        if (_spared.Remove(target) || !target.StartsWith("/api/v2/build", StringComparison.Ordinal))
        {
            return ProxyFate.Pass;
        }

        var fate = _random.Next(12) switch
        {
            0 => ProxyFate.Cut,
            1 => ProxyFate.LoseAnswer,
            2 => ProxyFate.Delay,
            _ => ProxyFate.Pass,
        };
        if (fate is ProxyFate.Cut or ProxyFate.LoseAnswer)
        {
            _spared.Add(target);
        }

        return fate;
    }

    private ProxyFate OfPost(string head)
    {
        if (!head.StartsWith(Create, StringComparison.Ordinal))
        {
            return _random.Next(4) == 0 ? ProxyFate.Delay : ProxyFate.Pass;
        }

        _creates++;

        // What has a key can be found again; of another one nobody would know, and the kit could not go on.
        return _random.Next(2) == 0 ? ProxyFate.Delay : head.Contains(WatchingHandler.HasKey, StringComparison.Ordinal) ? ProxyFate.LoseAnswer : ProxyFate.Pass;
    }
}
