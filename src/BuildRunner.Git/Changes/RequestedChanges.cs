using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Changes;

/// <summary>Reads the changes of a request in the order to apply them: base, then head.</summary>
internal sealed class RequestedChanges(ISourceOptions options)
{
    /// <exception cref="BuildRunnerException">A change was rejected, or could not be resolved.</exception>
    public async Task<List<AppliedChange>> ReadAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        List<AppliedChange> changes = [];
        foreach (var (side, list) in new[] { (BuildFailedSides.Base, request.Base), (BuildFailedSides.Head, request.Head) })
        {
            foreach (var uri in list.SelectMany(static change => change.Uris))
            {
                changes.AddRange(await ReadAsync(side, uri, cancellationToken).ConfigureAwait(false));
            }
        }

        return changes;
    }

    private async Task<IEnumerable<AppliedChange>> ReadAsync(string side, string uri, CancellationToken cancellationToken)
    {
        if (options.ChangeResolver is null || GitChange.HasScheme(uri))
        {
            return [Parse(side, uri)];
        }

        var resolved = await ResolveAsync(uri, cancellationToken).ConfigureAwait(false)
            ?? throw new BuildRunnerException(
                $"The change {uri} was rejected: {options.Name}.{nameof(options.ChangeResolver)} returned no change for it.");
        try
        {
            return [.. resolved.Uris.Select(one => Parse(side, one))];
        }
        catch (BuildRunnerException exception)
        {
            throw new BuildRunnerException(
                $"The change {uri} was rejected because {options.Name}.{nameof(options.ChangeResolver)} returned an invalid change for it. "
                + exception.Message,
                exception);
        }
    }

    private async Task<Change?> ResolveAsync(string uri, CancellationToken cancellationToken)
    {
        try
        {
            return await options.ChangeResolver!(uri, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var failed = exception as BuildRunnerException;
            var message = $"The change {uri} could not be resolved by {options.Name}.{nameof(options.ChangeResolver)}: {exception.Message}";
            if (failed is BuildRunnerConfigurationException)
            {
                throw new BuildRunnerConfigurationException(message, exception);
            }

            // A cancellation that the caller did not request is a time-out of the callback.
            throw new BuildRunnerException(message, exception)
            {
                IsTransient = failed?.IsTransient ?? exception is OperationCanceledException,
                RetryAfter = failed?.RetryAfter,
            };
        }
    }

    private AppliedChange Parse(string side, string uri)
    {
        var (commitId, reference) = GitChange.Parse(uri, options.Host, options.RepositoryName);
        return new AppliedChange(side, commitId, reference);
    }
}
