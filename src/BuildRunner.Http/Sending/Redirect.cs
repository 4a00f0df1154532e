namespace BuildRunner.Http.Sending;

/// <summary>Provides the targets of redirects.</summary>
internal static class Redirect
{
    public static bool IsOne(HttpReply reply) => (int)reply.StatusCode is 301 or 302 or 303 or 307 or 308;

    public static Uri Next(Uri from, HttpReply reply, string name)
    {
        var next = reply.Headers.Location is { } location ? new Uri(from, location) : null;
        return next?.Scheme == Uri.UriSchemeHttps || (next?.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp)
            ? next
            : throw new BuildRunnerException(
                $"{name} redirected a log to no address or to the scheme '{next?.Scheme}'; it must be https, or http if it was http "
                + "before.");
    }

    public static BuildRunnerException TooMany(string name) =>
        new($"{name} redirected a log too many times; check the address of the service.");
}
