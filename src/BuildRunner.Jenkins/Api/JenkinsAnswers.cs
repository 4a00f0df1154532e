using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using BuildRunner.Http;

namespace BuildRunner.Jenkins.Api;

/// <summary>What the answers of a controller mean.</summary>
internal static partial class JenkinsAnswers
{
    // A wrong token is refused by a filter in front of what adds the header.
    public static bool IsOwn(HttpReply reply) => reply.Header("X-Jenkins") is not null || (reply.StatusCode == HttpStatusCode.Unauthorized
        && reply.Headers.WwwAuthenticate.Any(static challenge => challenge.Parameter == "realm=\"Jenkins\""));

    /// <summary>Says what an answer to a trigger proves, if it is more than its status code says.</summary>
    public static CreateVerdict? Judge(HttpReply reply) => (int)reply.StatusCode switch
    {
        _ when !IsOwn(reply) => CreateVerdict.Unknown,

        // Folded into an item that is in the queue with the same parameters.
        303 when QueueIdOf(reply) is not null => CreateVerdict.Created,

        // Back to the page of the job: what decides about the queue has refused it.
        302 when reply.Headers.Location?.OriginalString == "." => CreateVerdict.Rejected,
        400 when reply.Text.Contains("is not parameterized", StringComparison.Ordinal) => CreateVerdict.Misconfigured,
        409 when reply.Text.Contains("is not buildable", StringComparison.Ordinal) => CreateVerdict.Misconfigured,
        _ => null,
    };

    // The root of the address is what somebody has entered for the controller, and may be wrong.
    public static long? QueueIdOf(HttpReply reply) =>
        QueueItem().Match(reply.Headers.Location?.OriginalString ?? "") is { Success: true } match
        && long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    public static bool IsForbidden(HttpReply reply) => IsOwn(reply) && reply.StatusCode == HttpStatusCode.UnprocessableEntity;

    // Jenkins redirects to the build, also if there is nothing to stop.
    public static bool IsTaken(HttpReply reply) => IsOwn(reply) && (reply.IsSuccess || reply.StatusCode == HttpStatusCode.Redirect);

    [GeneratedRegex(@"/queue/item/([1-9][0-9]{0,18})/?\z", RegexOptions.CultureInvariant)]
    private static partial Regex QueueItem();
}
