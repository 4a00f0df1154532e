using System.Text.RegularExpressions;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Updates all given references of the remote or none, each on the condition that it has the expected value.</summary>
internal sealed partial class RemotePush(RemoteGit remote)
{
    // On this machine our own git writes the repository, and would obey its configuration: hooks, checks of received objects, and the
    // command for alternates.
    private const string Receiver = "git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand=true"
        + " -c receive.fsckObjects=false -c transfer.fsckObjects=false -c receive.denyDeletes=false"
        + " -c receive.denyNonFastForwards=false -c receive.autogc=false receive-pack";

    /// <summary>Pushes.</summary>
    /// <param name="references">The updates.</param>
    /// <param name="pushOptions">The push options for the server.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. After a cancellation the outcome is unknown.</param>
    /// <exception cref="GitException">The remote did not answer. The outcome is unknown.</exception>
    public async Task<PushResult> RunAsync(
        IReadOnlyList<PushedReference> references, IReadOnlyList<string> pushOptions, CancellationToken cancellationToken)
    {
        List<string> arguments =
        [
            "push", "--porcelain", "--quiet", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no", "--atomic",
        ];
        if (remote.Address.Protocol == "file")
        {
            arguments.Add("--receive-pack=" + Receiver);
        }

        arguments.AddRange(pushOptions.Select(static option => "--push-option=" + option));
        arguments.AddRange(references.Select(static reference => $"--force-with-lease={reference.Name}:{reference.Expected}"));
        arguments.AddRange(["--", remote.Address.Text, .. references.Select(static reference => $"{reference.Wanted}:{reference.Name}")]);
        var result = await remote.TryRunAsync(arguments, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded)
        {
            return new PushResult.Done();
        }

        return Judge([.. Rejection().Matches(result.Text).Cast<Match>()], result);
    }

    private PushResult Judge(List<Match> rejections, GitResult result)
    {
        var reasons = string.Join('\n', [.. rejections.Select(ReasonOf), result.Error]);
        if (rejections.Count > 0 && Obstacle().Match(reasons) is { Success: true } obstacle)
        {
            var text = RemoteComplaint.Clean(obstacle.Value, credentials: null);
            return new PushResult.Refused($"A reference of that name cannot be created: {text}.");
        }

        if (rejections.Exists(rejection => Stale().IsMatch(ReasonOf(rejection))
            || (ReasonOf(rejection) == "atomic transaction failed" && Race().IsMatch(result.Error))))
        {
            return new PushResult.Stale();
        }

        var refusal = rejections.Find(static rejection =>
            rejection.Groups["by"].Value == "remote rejected" && ReasonOf(rejection) != "atomic push failure");
        if (refusal is null)
        {
            throw remote.Failed(result.Error, "written");
        }

        var reason = RemoteComplaint.Clean(ReasonOf(refusal), credentials: null);
        return new PushResult.Refused($"{refusal.Groups["name"].Value}: {reason}. {result.Error}".Trim());
    }

    private static string ReasonOf(Match rejection) => rejection.Groups["reason"].Value;

    // "!", a tab, from and to, a tab, and "[remote rejected] (pre-receive hook declined)".
    [GeneratedRegex(
        @"^!\t[^:\n]*:(?<name>[^\t\n]+)\t\[(?<by>rejected|remote rejected)\] \((?<reason>[^\n]*)\)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Rejection();

    // From git here, or from the server if another push was faster.
    [GeneratedRegex(
        "^(stale info|fetch first|needs force|non-fast-forward|already exists|failed to update ref|reference already exists|"
            + "incorrect old value provided|cannot lock ref .*|failed to lock)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Stale();

    // Another reference is named like a directory of this one, or the other way round. Retrying does not help until it is deleted.
    [GeneratedRegex("'[^'\n]*' exists; cannot create '[^'\n]*'", RegexOptions.CultureInvariant)]
    private static partial Regex Obstacle();

    // What a server reports in that case if it updates all references in one transaction.
    [GeneratedRegex("cannot lock ref |reference already exists|but expected ", RegexOptions.CultureInvariant)]
    private static partial Regex Race();
}
