using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using BuildRunner.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BuildRunner.GitHubActions.Api;

/// <summary>Gets tokens for the installation of a GitHub App.</summary>
internal sealed class AppTokens(HttpBackend backend, GitHubActionsBuildRunnerOptions options, TimeProvider time)
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(9);

    // How far the clock of the service is ahead of ours.
    private TimeSpan _ahead;

    /// <summary>Gets a token. Never called concurrently.</summary>
    public async ValueTask<HttpCredential?> MintAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync(cancellationToken).ConfigureAwait(false);
        if (reply is { StatusCode: HttpStatusCode.Unauthorized, Headers.Date: { } date })
        {
            _ahead = date - time.GetUtcNow();
            reply = await AskAsync(cancellationToken).ConfigureAwait(false);
        }

        if (reply.IsSuccess && reply.TryReadJson(GitHubJson.Default.TokenAnswer, out var answer)
            && answer is { Token: { Length: > 0 } token, ExpiresAt: { } expiresAt })
        {
            return new HttpCredential("Authorization", $"Bearer {token}", token) { ExpiresAt = expiresAt - _ahead };
        }

        var text = $"GitHub answered {(int)reply.StatusCode} when the App {options.AppId} asked for a token of installation "
            + $"{options.InstallationId}.";
        var wait = GitHubApi.QuotaOf(reply).RetryAfter;
        throw (int)reply.StatusCode is 401 or 403 or 404 or 422 && wait is null && reply.IsJson
            ? new BuildRunnerConfigurationException(text)
            : new BuildRunnerException(text) { IsTransient = true, RetryAfter = wait };
    }

    private async Task<HttpReply> AskAsync(CancellationToken cancellationToken)
    {
        TokenCall call = new([options.Repository], new Dictionary<string, string> { ["actions"] = "write" });
        var path = $"app/installations/{options.InstallationId!.Value.ToString(CultureInfo.InvariantCulture)}/access_tokens";
        using var message = HttpJson.Post(path, call, GitHubJson.Default.TokenCall);
        message.Options.Set(HttpBackend.Operation, HttpOperations.Check);
        var token = Sign(await options.PrivateKey!(cancellationToken).ConfigureAwait(false));
        backend.Redactor.Add(token);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await backend.SendAsync(message, cancellationToken).ConfigureAwait(false);
    }

    private string Sign(string pem)
    {
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            // Without the exception, which may show what it could not read.
            throw new BuildRunnerConfigurationException($"The private key of the App {options.AppId} is not an RSA key in PEM.");
        }

        var now = (time.GetUtcNow() + _ahead).UtcDateTime;
        // A cached signer would outlive the key.
        CryptoProviderFactory uncached = new() { CacheSignatureProviders = false };
        SigningCredentials signing = new(new RsaSecurityKey(key), SecurityAlgorithms.RsaSha256) { CryptoProviderFactory = uncached };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = options.AppId,
            IssuedAt = now - Early,
            Expires = now - Early + Life,
            SigningCredentials = signing,
        });
    }
}
