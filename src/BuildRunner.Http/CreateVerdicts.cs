using System.Net;

namespace BuildRunner.Http;

/// <summary>
/// Provides what the status codes of HTTP prove about a create, where a service says nothing else.
/// </summary>
public static class CreateVerdicts
{
    /// <summary>
    /// Judges an answer by its status code.
    /// </summary>
    /// <remarks>
    /// Not proven by any answer of a proxy, by a 5xx, which often comes after the build was created, by 408 and 425, nor by a redirect.
    /// </remarks>
    /// <param name="reply">The answer.</param>
    /// <param name="isOwn">Whether the service itself has answered, and no proxy.</param>
    /// <returns>What it proves.</returns>
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
