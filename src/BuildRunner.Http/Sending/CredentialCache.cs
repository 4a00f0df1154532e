namespace BuildRunner.Http.Sending;

/// <summary>Requests credentials, one at a time, and keeps those that expire until shortly before they do.</summary>
internal sealed class CredentialCache(
    Func<HttpCredential?, CancellationToken, ValueTask<HttpCredential?>> source, SecretRedactor redactor, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1, 1);

    private HttpCredential? _kept;
    private int _failures;
    private Exception? _lastFailure;

    /// <summary>
    /// Gets a credential other than the refused one, if there is any. Calls that wait during a failed request get the same failure, because
    /// further requests could lock an account.
    /// </summary>
    public async Task<HttpCredential?> GetAsync(HttpCredential? refused, CancellationToken cancellationToken)
    {
        var failures = Volatile.Read(ref _failures);
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Calls that were refused together use the credential that the first of them received.
            if (_kept is { } kept && !ReferenceEquals(kept, refused) && !IsEnding(kept))
            {
                return kept;
            }

            if (failures != _failures && _lastFailure is { } failure)
            {
                throw failure is BuildRunnerException known ? known.Copy() : failure;
            }

            // It was refused or is about to expire, whether or not there is another one.
            _kept = null;
            var credential = await AskAsync(refused, cancellationToken).ConfigureAwait(false);
            foreach (var secret in credential?.Secrets ?? [])
            {
                redactor.Add(secret);
            }

            _kept = credential?.ExpiresAt is null ? null : credential;
            return credential;
        }
        finally
        {
            _one.Release();
        }
    }

    private async ValueTask<HttpCredential?> AskAsync(HttpCredential? refused, CancellationToken cancellationToken)
    {
        try
        {
            var credential = await source(refused, cancellationToken).ConfigureAwait(false);
            _lastFailure = null;
            return credential;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _lastFailure = exception;
            Interlocked.Increment(ref _failures);
            throw;
        }
    }

    public void Dispose() => _one.Dispose();

    private bool IsEnding(HttpCredential credential) => credential.ExpiresAt is not { } end || time.GetUtcNow() + Early >= end;
}
