using System.Net.Http.Headers;
using System.Text;
using BuildRunner.Http;

namespace BuildRunner.Buildbot.Api;

/// <summary>Logs in: the API takes the cookie of a session alone, and refuses a password.</summary>
internal sealed class BuildbotLogin(HttpBackend backend, string userName, Func<CancellationToken, ValueTask<string>> password)
{
    // The second where the master serves TLS itself.
    private static readonly string[] Sessions = ["TWISTED_SESSION=", "TWISTED_SECURE_SESSION="];

    public async ValueTask<HttpCredential?> LogInAsync(SecretRedactor redactor, CancellationToken cancellationToken)
    {
        var secret = await password(cancellationToken).ConfigureAwait(false);
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{userName}:{secret}"));
        foreach (var known in new[] { backend.Redactor, redactor })
        {
            known.Add(secret);
            known.Add(encoded);
        }

        using HttpRequestMessage request = new(HttpMethod.Get, "auth/login");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", encoded);
        var reply = await backend.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if ((int)reply.StatusCode is 401 or 403)
        {
            throw new BuildRunnerConfigurationException($"Buildbot refused the login of '{userName}'.");
        }

        // A visitor's session comes first, and then that of the user.
        var cookie = reply.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies.Select(static cookie => cookie.Split(';')[0]).LastOrDefault(static cookie => Array.Exists(Sessions, name => cookie.StartsWith(name, StringComparison.Ordinal)))
            : null;
        return cookie is null
            ? throw new BuildRunnerException($"Buildbot answered {(int)reply.StatusCode} to the login, without a session.") { IsTransient = true }
            : new HttpCredential("Cookie", cookie, cookie[(cookie.IndexOf('=') + 1)..]) { ExpiresAt = DateTimeOffset.MaxValue };
    }
}
