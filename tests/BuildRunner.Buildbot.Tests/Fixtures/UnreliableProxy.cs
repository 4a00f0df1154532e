using System.Globalization;
using BuildRunner.Servers;
using BuildRunner.Testing;

namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>A way to a master that loses answers, delays them and cuts connections, by chance. It sees what really goes over the wire, what a transport repeats by itself too.</summary>
internal sealed class UnreliableProxy : IAsyncDisposable
{
    private readonly TcpForwarder _forwarder;
    private readonly Lock _lock = new();
    private readonly Random _random;

    // Reads that have just failed: a read is tried four times, and shall not fail because the dice want it to.
    private readonly HashSet<string> _spared = [];
    private readonly Dictionary<ForwardedFate, int> _fates = [];
    private TaskCompletionSource? _loseNext;
    private int _creates;

    public UnreliableProxy(BuildbotServer server)
    {
        Seed = Environment.GetEnvironmentVariable("BUILDBOT_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        _random = new Random(Seed);
        _forwarder = new TcpForwarder(server.Port, Judge);
    }

    public int Seed { get; }

    public Uri Url => new($"http://127.0.0.1:{_forwarder.Port}/");

    /// <summary>Gets how many creates went over the wire.</summary>
    public int Creates => Volatile.Read(ref _creates);

    /// <summary>Gets how many requests had which fate.</summary>
    public IReadOnlyDictionary<ForwardedFate, int> Fates
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<ForwardedFate, int>(_fates);
            }
        }
    }

    /// <summary>Loses the answer to the next create, with or without a key.</summary>
    public ConformanceInjection LoseNextCreate()
    {
        TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _loseNext = lost;
        }

        return new ConformanceInjection(lost.Task, () =>
        {
            lock (_lock)
            {
                _loseNext = null;
            }

            return ValueTask.CompletedTask;
        });
    }

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    private ForwardedFate Judge(ForwardedRequest request)
    {
        lock (_lock)
        {
            var fate = request.Method == "GET" ? OfRead(request.Target) : OfPost(request);
            _fates[fate] = _fates.GetValueOrDefault(fate) + 1;
            return fate;
        }
    }

    private ForwardedFate OfRead(string target)
    {
        // A log is read once.
        if (_spared.Remove(target) || !target.StartsWith("/api/v2/build", StringComparison.Ordinal))
        {
            return ForwardedFate.Pass;
        }

        var fate = _random.Next(12) switch
        {
            0 => ForwardedFate.Cut,
            1 => ForwardedFate.LoseAnswer,
            2 => ForwardedFate.Delay,
            _ => ForwardedFate.Pass,
        };
        if (fate is ForwardedFate.Cut or ForwardedFate.LoseAnswer)
        {
            _spared.Add(target);
        }

        return fate;
    }

    private ForwardedFate OfPost(ForwardedRequest request)
    {
        if (request.Target != "/api/v2/forceschedulers/force")
        {
            return _random.Next(4) == 0 ? ForwardedFate.Delay : ForwardedFate.Pass;
        }

        _creates++;
        if (_loseNext is { } lost)
        {
            _loseNext = null;
            lost.TrySetResult();
            return ForwardedFate.LoseAnswer;
        }

        // What has a key can be found again; of another one nobody would know, and the kit could not go on.
        var hasKey = request.Body.Contains("\"build_key\":\"br-", StringComparison.Ordinal);
        return _random.Next(2) == 0 ? ForwardedFate.Delay : hasKey ? ForwardedFate.LoseAnswer : ForwardedFate.Pass;
    }
}
