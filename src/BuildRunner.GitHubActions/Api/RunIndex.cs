using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BuildRunner.GitHubActions.Api;

/// <summary>Indexes the runs that show a token of this runner. The list is read once completely, then only the new part.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore holds no resources unless its wait handle is used.")]
internal sealed class RunIndex(GitHubApi api, TimeProvider time)
{
    private const int MaxRuns = 20_000;

    // A search returns a thousand at most.
    private const int MaxPages = 10;

    private static readonly TimeSpan Window = TimeSpan.FromDays(7);

    // How long the list may show a newer run before an older one.
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly SortedDictionary<long, (string Token, DateTimeOffset CreatedAt)> _tokens = [];
    private readonly ConcurrentQueue<(long Number, string Token, DateTimeOffset CreatedAt)> _dispatched = new();

    private DateTimeOffset? _newest;
    private volatile bool _hasOthers;
    private volatile bool _hasOurs;

    /// <summary>Gets a value indicating whether there are runs but none shows a token of this runner.</summary>
    public bool IsMute => _hasOthers && !_hasOurs;

    /// <summary>Adds a run that no list shows yet, or only without its token.</summary>
    public void Add(long number, string token) => _dispatched.Enqueue((number, token, time.GetUtcNow()));

    /// <summary>Finds the oldest run whose token starts with a prefix.</summary>
    public async Task<(long Number, string Token)?> FindAsync(string beginning, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ReadAsync(cancellationToken).ConfigureAwait(false);
            var (number, run) = _tokens.FirstOrDefault(run => run.Value.Token.StartsWith(beginning, StringComparison.Ordinal));
            return run.Token is null ? null : (number, run.Token);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        // By the clock of the service, once it has reported a time.
        var (from, newest) = (_newest - Lag ?? time.GetUtcNow() - Window, _newest);
        for (var page = 1; page <= MaxPages; page++)
        {
            var runs = await api.ListAsync(from, page, cancellationToken).ConfigureAwait(false);
            foreach (var run in runs)
            {
                var isTime = DateTimeOffset.TryParse(run.CreatedAt, CultureInfo.InvariantCulture, out var createdAt);
                newest = isTime && !(createdAt <= newest) ? createdAt : newest;
                if (api.IsOfRef(run))
                {
                    var tokens = RunToken.AllIn(run.DisplayTitle).ToList();
                    _hasOthers |= tokens.Count == 0;
                    _hasOurs |= tokens.Count > 0;
                    tokens.ForEach(token => _tokens.TryAdd(run.Id, (token, isTime ? createdAt : time.GetUtcNow())));
                }
            }

            if (runs.Count < GitHubApi.PageSize)
            {
                break;
            }
        }

        _newest = newest;
        while (_dispatched.TryDequeue(out var run))
        {
            _tokens.TryAdd(run.Number, (run.Token, run.CreatedAt));
        }

        // Keeps no more than a new process would find.
        while (_tokens.Count > MaxRuns || (_tokens.Count > 0 && _tokens.First().Value.CreatedAt <= time.GetUtcNow() - Window))
        {
            _tokens.Remove(_tokens.Keys.First());
        }
    }
}
