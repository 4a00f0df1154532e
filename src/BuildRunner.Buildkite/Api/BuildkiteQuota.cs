using System.Globalization;
using System.Net;
using BuildRunner.Http;

namespace BuildRunner.Buildkite.Api;

/// <summary>What an answer says about the two budgets that each call counts against.</summary>
internal static class BuildkiteQuota
{
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <summary>Reads the budget that has the smaller share left: that of the organization, or that of the user.</summary>
    public static HttpQuota Of(HttpReply reply)
    {
        var organization = HttpQuota.FromHeaders(reply);
        TimeSpan? reset = Number(reply, "Reset") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        HttpQuota user = new() { Limit = Number(reply, "Limit"), Remaining = Number(reply, "Remaining"), ResetAfter = reset };
        var scarce = new[] { organization, user }.OrderBy(ShareOf).ThenByDescending(static quota => quota.ResetAfter).First();
        var wait = reply.StatusCode == HttpStatusCode.TooManyRequests ? WaitOf(reply, scarce) + Rounding : null;
        return scarce with { RetryAfter = organization.RetryAfter ?? wait, ResetAfter = scarce.ResetAfter + Rounding };
    }

    private static double ShareOf(HttpQuota quota) => quota is { Limit: > 0, Remaining: not null }
        ? (double)quota.Remaining.Value / quota.Limit.Value : double.MaxValue;

    // Of the body and the budget that is used up, whichever is longer.
    private static TimeSpan? WaitOf(HttpReply reply, HttpQuota scarce) => new[]
    {
        reply.TryReadJson(BuildkiteJson.Default.LimitRow, out var row) && row.Reset is { } reset ? TimeSpan.FromSeconds(reset) : null,
        scarce.Remaining == 0 ? scarce.ResetAfter : (TimeSpan?)null,
    }.Max();

    private static uint? Number(HttpReply reply, string name) =>
        uint.TryParse(reply.Header($"RateLimit-User-{name}"), CultureInfo.InvariantCulture, out var number) ? number : null;
}
