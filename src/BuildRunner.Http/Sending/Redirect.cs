namespace BuildRunner.Http.Sending;

/// <summary>Where an answer sends on to.</summary>
internal static class Redirect
{
    public static bool IsOne(HttpReply reply) => (int)reply.StatusCode is 301 or 302 or 303 or 307 or 308;

    public static Uri Next(Uri from, HttpReply reply, string name)
    {
        var next = reply.Headers.Location is { } location ? new Uri(from, location) : null;
        return next?.Scheme == Uri.UriSchemeHttps || (next?.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp)
            ? next
            : throw new BuildRunnerException($"{name} sent a log on to nowhere or to a lower scheme ('{next?.Scheme}'), which is not followed.");
    }

    public static BuildRunnerException TooMany(string name) => new($"{name} sent a log on too many times.");
}
