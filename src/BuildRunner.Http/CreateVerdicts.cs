using System.Net;

namespace BuildRunner.Http;

/// <summary>
/// Provides the default verdicts on a create.
/// </summary>
public static class CreateVerdicts
{
    /// <summary>
    /// Judges an answer by its status code.
    /// </summary>
    /// <remarks>
    /// Answers of a proxy prove nothing. Neither do a 5xx, which often follows after the build was created, a 408, a 425 or a redirect.
    /// </remarks>
    /// <param name="reply">The answer.</param>
    /// <param name="isOwn">Whether the answer comes from the service itself and not from a proxy.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reply"/> is <see langword="null"/>.</exception>
    public static CreateVerdict Default(HttpReply reply, bool isOwn)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (reply.IsSuccess)
        {
            return CreateVerdict.Created;
        }

        return isOwn ? OfRefusal(reply.StatusCode) : CreateVerdict.Unknown;
    }

    private static CreateVerdict OfRefusal(HttpStatusCode statusCode) => (int)statusCode switch
    {
        401 or 403 or 404 => CreateVerdict.Misconfigured,
        400 or 405 or 406 or 409 or 410 or 413 or 414 or 415 or 422 => CreateVerdict.Rejected,
        429 => CreateVerdict.TryLater,
        _ => CreateVerdict.Unknown,
    };
}
