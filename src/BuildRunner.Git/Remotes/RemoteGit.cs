using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Runs git against the remote, with a time limit and fresh credentials, and keeps the credentials out of the result.</summary>
internal sealed class RemoteGit(GitCommand git, RemoteAddress address, ISourceOptions options, TimeProvider timeProvider)
{
    public RemoteAddress Address => address;

    /// <summary>Runs git, and throws if it fails.</summary>
    /// <exception cref="GitException">git failed or took too long.</exception>
    public async Task<GitResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        var result = await TryRunAsync(arguments, cancellationToken, input).ConfigureAwait(false);
        return result.Succeeded ? result : throw Failed(result.Error, "read");
    }

    /// <summary>Runs git, and returns the result whatever its exit code.</summary>
    /// <returns>The result. Its error is safe to show.</returns>
    /// <exception cref="GitException">git took too long, or the credentials could not be read.</exception>
    public async Task<GitResult> TryRunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        using var timeout = new CancellationTokenSource(options.RemoteTimeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var credentials = await FindCredentialsAsync(stop.Token).ConfigureAwait(false);
            var environment = RemoteEnvironment.Create(address, credentials);
            var result = await git.RunAsync(arguments, stop.Token, input, environment).ConfigureAwait(false);
            return result.Succeeded ? result : result with { Error = RemoteComplaint.Clean(result.Error, credentials) };
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new GitException(
                $"The remote '{address}' did not finish within {options.RemoteTimeout}; "
                + $"{options.Name}.{nameof(options.RemoteTimeout)} sets the limit.",
                exception)
            {
                IsTransient = true,
            };
        }
    }

    /// <summary>Creates the exception for a remote that could not be used.</summary>
    public GitException Failed(string complaint, string done)
    {
        var access = options.RemoteCredentials is null ? "allows access without credentials" : "accepts the credentials";
        return new GitException($"The remote '{address}' cannot be {done}; check that it exists and {access}. {complaint}")
        {
            IsTransient = RemoteComplaint.IsTransient(complaint),
        };
    }

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
            // A cancellation that was not requested here is a time-out of the callback.
            throw new GitException($"{options.Name}.{nameof(options.RemoteCredentials)} failed: {exception.Message}", exception)
            {
                IsTransient = exception is OperationCanceledException,
            };
        }
    }
}
