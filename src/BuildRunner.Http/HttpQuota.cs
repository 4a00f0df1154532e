using System.Globalization;
using System.Net;

namespace BuildRunner.Http;

/// <summary>
/// Represents the rate limit of a service, as reported by an answer. A member is <see langword="null"/> if the answer does not report it.
/// </summary>
public sealed record HttpQuota
{
    /// <summary>
    /// Gets the quota of an answer that reports nothing.
    /// </summary>
    public static HttpQuota None { get; } = new();

    /// <summary>
    /// Gets the time that the service asks to wait, counted from the answer. The wait is limited to an hour.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Gets the number of requests in the budget.
    /// </summary>
    public long? Limit { get; init; }

    /// <summary>
    /// Gets the number of requests left in the budget.
    /// </summary>
    public long? Remaining { get; init; }

    /// <summary>
    /// Gets the time until the budget is full again, counted from the answer.
    /// </summary>
    public TimeSpan? ResetAfter { get; init; }

    /// <summary>
    /// Reads the <c>Retry-After</c> of a 429, 403 or 503, in seconds or as a date, and the headers that most services use:
    /// <c>RateLimit-Limit</c>, <c>RateLimit-Remaining</c> and <c>RateLimit-Reset</c>, with and without <c>X-</c>.
    /// </summary>
    /// <remarks>
    /// A reset is in seconds from now, or in seconds since 1970 if it is that large. Dates are compared with the <c>Date</c> header, so the
    /// clock of this machine does not matter.
    /// </remarks>
    /// <param name="reply">The answer.</param>
    /// <returns>The reported rate limit.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reply"/> is <see langword="null"/>.</exception>
    public static HttpQuota FromHeaders(HttpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var now = reply.Headers.Date ?? reply.ReceivedAt;
        var reset = Number(reply, "RateLimit-Reset");
        return new HttpQuota
        {
            RetryAfter = MayAskToWait(reply.StatusCode) ? RetryAfterOf(reply, now) : null,
            Limit = Number(reply, "RateLimit-Limit"),
            Remaining = Number(reply, "RateLimit-Remaining"),
            ResetAfter = reset switch
            {
                null => null,
                > 1_000_000_000 and < 253_402_300_800 => NotNegative(DateTimeOffset.FromUnixTimeSeconds(reset.Value) - now),
                >= 0 and <= 1_000_000_000 => TimeSpan.FromSeconds(reset.Value),
                _ => null,
            },
        };
    }

    private static bool MayAskToWait(HttpStatusCode statusCode) =>
        statusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.Forbidden or HttpStatusCode.ServiceUnavailable;

    private static TimeSpan? RetryAfterOf(HttpReply reply, DateTimeOffset now) => reply.Headers.RetryAfter switch
    {
        { Delta: { } delta } => NotNegative(delta),
        { Date: { } date } => NotNegative(date - now),
        _ => null,
    };

    private static TimeSpan NotNegative(TimeSpan value) => value < TimeSpan.Zero ? TimeSpan.Zero : value;

    private static long? Number(HttpReply reply, string name) =>
        long.TryParse(reply.Header(name) ?? reply.Header($"X-{name}"), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
