using System.Globalization;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.GitLab.Api;

/// <summary>Reads what has changed. Silence confirms all other pipelines, but for a minute at most. One sweep at a time.</summary>
internal sealed class PipelineSweep(GitLabApi api, RecentBuilds<NumberedId, KnownPipeline> pipelines, TimeProvider time)
{
    // A list may show a change later than a newer one.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(1);

    // When the last sweep began: by GitLab's clock, or a little earlier, and by ours.
    private (DateTimeOffset? Theirs, long Ours) _swept;

    /// <summary>Reads pipelines that were read before, and leaves out those that have to be read alone.</summary>
    public async Task<IReadOnlyDictionary<NumberedId, PipelineRow>> ReadAsync(IReadOnlyList<NumberedId> ids, CancellationToken stop)
    {
        try
        {
            await ReadChangedAsync(ids, stop).ConfigureAwait(false);
            await ReadSilentAsync(ids, stop).ConfigureAwait(false);
        }
        catch (BuildRunnerException exception) when (exception is { IsTransient: true, RetryAfter: null })
        {
            // Single reads may work while lists do not.
        }

        var known = ids.Select(id => (Id: id, pipelines.Find(id)?.Reading)).Where(pair => !IsSilent(pair.Reading));
        return known.ToDictionary(static pair => pair.Id, static pair => pair.Reading!.Item1);
    }

    private async Task ReadChangedAsync(IReadOnlyList<NumberedId> ids, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var from = _swept.Theirs ?? ids.Min(id => pipelines.Find(id)?.Reading?.Item1.ChangedAt);
        var now = _swept.Theirs + time.GetElapsedTime(_swept.Ours, began) ?? from;

        // The newest change first, so that no change moves a row out of sight while pages are read.
        var after = (from - Overlap)?.UtcDateTime
            .ToString("'&updated_after='yyyy-MM-dd'T'HH':'mm':'ss.fff'Z'", CultureInfo.InvariantCulture);
        await foreach (var row in ListAsync($"order_by=updated_at&sort=desc{after}", stop).ConfigureAwait(false))
        {
            now = row.ChangedAt > now ? row.ChangedAt : now;
        }

        _swept = (now, began);
    }

    // As long as a page reads more pipelines than single reads would.
    private async Task ReadSilentAsync(IReadOnlyList<NumberedId> ids, CancellationToken stop)
    {
        var silent = ids.Where(id => IsSilent(pipelines.Find(id)?.Reading)).Select(static id => id.Number).ToHashSet();
        if (silent.Count < 2)
        {
            return;
        }

        var rows = 0;
        await foreach (var row in ListAsync("order_by=id&sort=desc", stop).ConfigureAwait(false))
        {
            silent.Remove(row.Id);
            if (silent.Count <= ++rows / GitLabApi.PageSize)
            {
                break;
            }
        }
    }

    private bool IsSilent(Tuple<PipelineRow, long>? reading) => reading is null || time.GetElapsedTime(reading.Item2) >= MaxSilence;

    private IAsyncEnumerable<PipelineRow> ListAsync(string query, CancellationToken stop)
    {
        var askedAt = time.GetTimestamp();
        return api.ListAsync(query, HttpOperations.Read, stop).Select(row =>
        {
            pipelines.Find(api.IdOf(row))?.Note(row, askedAt);
            return row;
        });
    }
}
