using System.Net.Http.Headers;
using System.Text;
using BuildRunner.Http;

namespace BuildRunner.Buildbot.Api;

/// <summary>Logs in, because the API accepts only session cookies and no passwords.</summary>
internal sealed class BuildbotLogin(HttpBackend backend, string userName, Func<CancellationToken, ValueTask<string>> password)
{
    // The second if the master serves TLS itself.
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

        // An anonymous session comes first, then that of the user.
        var cookies = reply.Headers.TryGetValues("Set-Cookie", out var values) ? values.Select(static value => value.Split(';')[0]) : [];
        var cookie = cookies.LastOrDefault(static text => Array.Exists(Sessions, name => text.StartsWith(name, StringComparison.Ordinal)));
        return cookie is null
            ? throw new BuildRunnerException($"Buildbot gave no session, but the status {(int)reply.StatusCode}.") { IsTransient = true }
            : new HttpCredential("Cookie", cookie, cookie[(cookie.IndexOf('=') + 1)..]) { ExpiresAt = DateTimeOffset.MaxValue };
    }
}
