using System.Text.RegularExpressions;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.GitHubActions.Api;

/// <summary>Creates the token by which a run is found in the list: a hash of the trigger key, and a hash of what is built.</summary>
internal static partial class RunToken
{
    private const int Half = 16;

    /// <summary>Creates the token of a request. Without a trigger key it is random.</summary>
    public static string Of(BuildRequest request, BuildInput input, string refName) =>
        KeyPartOf(request.TriggerKey ?? Guid.NewGuid().ToString())
        + (input.Merged is { } merged ? NumberedId.RevisionOf(merged.CommitId) : Hash($"{refName} {input.Subject}"));

    public static string KeyPartOf(string triggerKey) => $"br-{Hash(triggerKey)}";

    public static string KeyPartIn(string token) => token[..^Half];

    public static string RevisionIn(string token) => token[^Half..];

    public static IEnumerable<string> AllIn(string? title) => Tokens().Matches(title ?? "").Select(static match => match.Value);

    private static string Hash(string text) => BuildInput.HashOf(text)[..Half];

    [GeneratedRegex(@"(?<![0-9A-Za-z])br-[0-9a-f]{32}(?![0-9A-Za-z])", RegexOptions.CultureInvariant)]
    private static partial Regex Tokens();
}
