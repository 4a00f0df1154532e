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
    private readonly SortedDictionary<long, string> _tokens = [];

    private DateTimeOffset? _newest;
    private bool _hasOthers;

    /// <summary>Gets whether runs are there and none shows a word of ours.</summary>
    public bool IsMute => _hasOthers && _tokens.Count == 0;

    /// <summary>Finds the oldest run whose word begins with a text.</summary>
    public async Task<(long Number, string Token)?> FindAsync(string beginning, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ReadAsync(cancellationToken).ConfigureAwait(false);
            var (number, token) = _tokens.FirstOrDefault(run => run.Value.StartsWith(beginning, StringComparison.Ordinal));
            return token is null ? null : (number, token);
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
                var tokens = RunToken.AllIn(run.DisplayTitle).ToList();
                _hasOthers |= tokens.Count == 0;
                tokens.ForEach(token => _tokens.TryAdd(run.Id, token));
                var isTime = DateTimeOffset.TryParse(run.CreatedAt, CultureInfo.InvariantCulture, out var createdAt);
                newest = isTime && !(createdAt <= newest) ? createdAt : newest;
            }

            if (runs.Count < GitHubApi.PageSize)
            {
                break;
            }
        }

        _newest = newest;
        while (_tokens.Count > MaxRuns)
        {
            _tokens.Remove(_tokens.Keys.First());
        }
    }
}
