using System.Text.Json;
using BuildRunner.Http;

namespace BuildRunner.Jenkins.Api;

/// <summary>What a build is given as its parameters. Half of its word is of the trigger key, and half of what is built.</summary>
internal sealed record BuildOrder(string? Word, string? Request, string? Branch, string? Commit)
{
    private const string Prefix = "br-";
    private const int Half = 16;

    public string KeyPart => Word![Prefix.Length..^Half];

    public Dictionary<string, string> Parameters => Request is not null
        ? new() { ["BUILD_KEY"] = Word!, ["BUILD_REQUEST"] = Request }
        : new() { ["BUILD_KEY"] = Word!, ["BUILD_BRANCH"] = Branch!, ["BUILD_COMMIT"] = Commit! };

    public static BuildOrder Of(BuildRequest request, JenkinsBuildRunnerOptions options)
    {
        var input = BuildInput.Of(request, options.Changes);
        var word = Prefix + KeyPartOf(request.TriggerKey ?? Guid.NewGuid().ToString(), options) + Hash(input.Subject);
        return new(word, input.Document, input.Merged?.Branch, input.Merged?.CommitId);
    }

    // The jobs of a controller share its queue, and not their keys.
    public static string KeyPartOf(string triggerKey, JenkinsBuildRunnerOptions options) => Hash($"{options.Job}\n{triggerKey}");

    /// <summary>Reads what a build was given. Jenkins may have dropped any of it.</summary>
    public static BuildOrder Of(IReadOnlyList<ActionRow?>? actions)
    {
        var parameters = (actions ?? []).SelectMany(static action => action?.Parameters ?? []).OfType<ParameterRow>().ToList();
        string? Value(string name) => parameters.Find(one => one.Name == name)?.Value is { ValueKind: JsonValueKind.String } value
            && value.GetString() is { Length: > 0 } text ? text : null;
        var word = Value("BUILD_KEY") is { Length: 2 * Half + 3 } key && key.StartsWith(Prefix, StringComparison.Ordinal) ? key : null;
        return new(word, Value("BUILD_REQUEST"), Value("BUILD_BRANCH"), Value("BUILD_COMMIT"));
    }

    /// <summary>Gets the metadata of what is built, or null if the parameters do not say what that is.</summary>
    public BuildMetadata? ReadMetadata() => Word is null ? null
        : Request is not null ? RequestDocument.Read(Request)?.Metadata
        : Commit is not null ? [new(BuildMetadataKeys.Commit, Commit)] : null;

    private static string Hash(string text) => BuildInput.HashOf(text)[..Half];
}
