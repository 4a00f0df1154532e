using System.Globalization;
using System.Net;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Api;

/// <summary>What an answer says about the two budgets that each call counts against.</summary>
internal static class BuildkiteQuota
{
    // A reset is in whole seconds, and Buildkite never sends Retry-After.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <summary>Reads the budget that has the smaller share left: that of the organization, or that of the user.</summary>
    public static HttpQuota Of(HttpReply reply)
    {
        var organization = HttpQuota.FromHeaders(reply);
        HttpQuota user = new()
        {
            Limit = Number(reply, "RateLimit-User-Limit"),
            Remaining = Number(reply, "RateLimit-User-Remaining"),
            ResetAfter = Number(reply, "RateLimit-User-Reset") is { } seconds and <= int.MaxValue ? TimeSpan.FromSeconds(seconds) : null,
        };
        var scarce = new[] { organization, user }.OrderBy(ShareOf).ThenByDescending(static quota => quota.ResetAfter).First();
        return scarce with
        {
            RetryAfter = organization.RetryAfter ?? (reply.StatusCode == HttpStatusCode.TooManyRequests ? WaitOf(reply, scarce) : null),
            ResetAfter = scarce.ResetAfter + Rounding,
        };
    }

    private static double ShareOf(HttpQuota quota) =>
        quota is { Limit: > 0 and var limit, Remaining: { } remaining } ? (double)remaining / limit : double.MaxValue;

    // Of the body and the budget that is used up, whichever is longer.
    private static TimeSpan? WaitOf(HttpReply reply, HttpQuota scarce)
    {
        TimeSpan? told = reply.TryReadJson(BuildkiteJson.Default.LimitRow, out var row) && row.Reset is >= 0 and < int.MaxValue
            ? TimeSpan.FromSeconds(row.Reset.Value) : null;
        return new[] { told, scarce.Remaining == 0 ? scarce.ResetAfter : null }.Max() + Rounding;
    }

    private static long? Number(HttpReply reply, string name) =>
        long.TryParse(reply.Header(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
