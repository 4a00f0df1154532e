using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Runs git where it speaks to the remote: in time, with the credentials of the moment, and with nothing of them in what comes back.</summary>
internal sealed class RemoteGit(GitCommand git, RemoteAddress address, ISourceOptions options, TimeProvider timeProvider)
{
    public RemoteAddress Address => address;

    /// <summary>Runs git and expects it to succeed.</summary>
    /// <exception cref="GitException">It did not, or took too long.</exception>
    public async Task<GitResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        var result = await TryRunAsync(arguments, cancellationToken, input).ConfigureAwait(false);
        return result.Succeeded ? result : throw Failed(result.Error, "read");
    }

    /// <summary>Runs git, whatever its exit code.</summary>
    /// <returns>What it gave. What it has complained of can be shown.</returns>
    /// <exception cref="GitException">It took too long, or there are no credentials.</exception>
    public async Task<GitResult> TryRunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        using var timeout = new CancellationTokenSource(options.RemoteTimeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var credentials = await FindCredentialsAsync(stop.Token).ConfigureAwait(false);
            var result = await git.RunAsync(arguments, stop.Token, input, RemoteEnvironment.Create(address, credentials)).ConfigureAwait(false);
            return result.Succeeded ? result : result with { Error = RemoteComplaint.Clean(result.Error, credentials) };
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new GitException($"The remote '{address}' was given up after {options.RemoteTimeout}, the longest that one exchange with it may take; {options.Name}.{nameof(options.RemoteTimeout)} says how long.", exception) { IsTransient = true };
        }
    }

    /// <summary>Says that the remote could not be used.</summary>
    public GitException Failed(string complaint, string done) => new(
        $"The remote '{address}' cannot be {done}; see whether it is there and lets in {(options.RemoteCredentials is null ? "who has no credentials" : "the credentials that it was given")}. {complaint}")
    {
        IsTransient = RemoteComplaint.IsTransient(complaint),
    };

    private async Task<GitCredentials?> FindCredentialsAsync(CancellationToken cancellationToken)
    {
        if (options.RemoteCredentials is not { } find)
        {
            return null;
        }

        try
        {
            return await find(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A cancellation that nobody here has asked for is a time-out of theirs.
            throw new GitException($"{options.Name}.{nameof(options.RemoteCredentials)} failed: {exception.Message}", exception)
            {
                IsTransient = exception is OperationCanceledException,
            };
        }
    }
}
