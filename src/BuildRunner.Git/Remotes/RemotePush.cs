using System.Text.RegularExpressions;

namespace BuildRunner.Git.Remotes;

/// <summary>Changes references of the remote, all of them or none, each only if it still is what it was.</summary>
internal sealed partial class RemotePush(RemoteGit remote)
{
    // A repository of this machine is written by our own git, on which what is configured there would have a say: its hooks, its checks of what it receives, the command that it names for its alternates.
    private const string Receiver = "git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand=true -c receive.fsckObjects=false -c transfer.fsckObjects=false"
        + " -c receive.denyDeletes=false -c receive.denyNonFastForwards=false -c receive.autogc=false receive-pack";

    /// <summary>Pushes.</summary>
    /// <param name="references">What is to become of which references.</param>
    /// <param name="pushOptions">What the server is told beside it.</param>
    /// <param name="cancellationToken">Stops it; what has become of the references is not known then.</param>
    /// <exception cref="BuildRunner.Git.Repository.GitException">The remote has given no answer. What has become of the references is not known then.</exception>
    public async Task<PushResult> RunAsync(
        IReadOnlyList<PushedReference> references, IReadOnlyList<string> pushOptions, CancellationToken cancellationToken)
    {
        List<string> arguments = ["push", "--porcelain", "--quiet", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no", "--atomic"];
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

        var rejections = Rejection().Matches(result.Text);
        if (rejections.Count > 0 && Obstacle().Match(string.Join('\n', [.. rejections.Select(static rejection => rejection.Groups["reason"].Value), result.Error])) is { Success: true } obstacle)
        {
            return new PushResult.Refused($"A reference of that name cannot be made: {RemoteComplaint.Clean(obstacle.Value, credentials: null)}.");
        }

        if (rejections.Any(rejection => Stale().IsMatch(rejection.Groups["reason"].Value) || (rejection.Groups["reason"].Value == "atomic transaction failed" && Race().IsMatch(result.Error))))
        {
            return new PushResult.Stale();
        }

        return rejections.FirstOrDefault(static rejection => rejection.Groups["by"].Value == "remote rejected" && rejection.Groups["reason"].Value != "atomic push failure") is { } refusal
            ? new PushResult.Refused($"{refusal.Groups["name"].Value}: {RemoteComplaint.Clean(refusal.Groups["reason"].Value, credentials: null)}. {result.Error}".Trim())
            : throw remote.Failed(result.Error, "written");
    }

    // "!", a tab, from and to, a tab, and "[remote rejected] (pre-receive hook declined)".
    [GeneratedRegex(@"^!\t[^:\n]*:(?<name>[^\t\n]+)\t\[(?<by>rejected|remote rejected)\] \((?<reason>[^\n]*)\)$", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Rejection();

    // By git here, or by the server where somebody else was faster in between.
    [GeneratedRegex("^(stale info|fetch first|needs force|non-fast-forward|already exists|failed to update ref|reference already exists|incorrect old value provided|cannot lock ref .*|failed to lock)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Stale();

    // Somebody has a reference that is named like a directory of ours, or the other way round. It passes no sooner than that one is deleted.
    [GeneratedRegex("'[^'\n]*' exists; cannot create '[^'\n]*'", RegexOptions.CultureInvariant)]
    private static partial Regex Obstacle();

    // What a server says of that when it has all references changed in one transaction.
    [GeneratedRegex("cannot lock ref |reference already exists|but expected ", RegexOptions.CultureInvariant)]
    private static partial Regex Race();
}
