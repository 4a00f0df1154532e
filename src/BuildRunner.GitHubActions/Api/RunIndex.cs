using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BuildRunner.GitHubActions.Api;

/// <summary>The runs that carry a word of ours, read page by page once and from then on as far as they are new.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing.")]
internal sealed class RunIndex(GitHubApi api, TimeProvider time)
{
    private const int MaxRuns = 20_000;

    // A search gives no more than a thousand.
    private const int MaxPages = 10;

    private static readonly TimeSpan Window = TimeSpan.FromDays(7);

    // How much later than a newer run an older one may show up in the list.
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly SortedDictionary<long, (string Token, DateTimeOffset CreatedAt)> _tokens = [];
    private readonly ConcurrentQueue<(long Number, string Token, DateTimeOffset CreatedAt)> _dispatched = new();

    private DateTimeOffset? _newest;
    private volatile bool _hasOthers;
    private volatile bool _hasOurs;

    /// <summary>Gets whether runs are there and none shows a word of ours.</summary>
    public bool IsMute => _hasOthers && !_hasOurs;

    /// <summary>Adds a run that no list may show yet, or none with its word.</summary>
    public void Add(long number, string token) => _dispatched.Enqueue((number, token, time.GetUtcNow()));

    /// <summary>Finds the oldest run whose word begins with a text.</summary>
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
        // By the clock of the service, once it has named a time.
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

        // No older than what a runner that was just started would find.
        while (_tokens.Count > MaxRuns || (_tokens.Count > 0 && _tokens.First().Value.CreatedAt <= time.GetUtcNow() - Window))
        {
            _tokens.Remove(_tokens.Keys.First());
        }
    }
}
