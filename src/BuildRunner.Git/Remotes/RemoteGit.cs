using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Runs git where it speaks to the remote: in time, with the credentials of the moment, and with nothing of them in what comes back.</summary>
internal sealed class RemoteGit(GitCommand git, RemoteAddress address, GitBuildRunnerOptions options, TimeProvider timeProvider)
{
    public RemoteAddress Address => address;

    /// <summary>Runs git and expects it to succeed.</summary>
    /// <exception cref="GitException">It did not, or took too long.</exception>
    public async Task<GitResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        using var timeout = new CancellationTokenSource(options.RemoteTimeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var credentials = await FindCredentialsAsync(stop.Token).ConfigureAwait(false);
            var result = await git.RunAsync(arguments, stop.Token, input, RemoteEnvironment.Create(address, credentials)).ConfigureAwait(false);
            return result.Succeeded ? result : throw Failed(RemoteComplaint.Clean(result.Error, credentials));
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new GitException($"The remote '{address}' was given up after {options.RemoteTimeout}, the longest that one exchange with it may take; {nameof(GitBuildRunnerOptions)}.{nameof(options.RemoteTimeout)} says how long.", exception) { IsTransient = true };
        }
    }

    private GitException Failed(string complaint) => new(
        $"The remote '{address}' cannot be read; see whether it is there and lets in {(options.RemoteCredentials is null ? "who has no credentials" : "the credentials that it was given")}. {complaint}")
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
            throw new GitException($"{nameof(GitBuildRunnerOptions)}.{nameof(options.RemoteCredentials)} failed: {exception.Message}", exception)
            {
                IsTransient = exception is OperationCanceledException,
            };
        }
    }
}
