using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>Reads JSON that may be none.</summary>
internal static class ApiJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static bool TryRead(string text, [NotNullWhen(true)] out JsonNode? node)
    {
        try
        {
            node = JsonNode.Parse(text, documentOptions: Strict);
        }
        catch (JsonException)
        {
            node = null;
        }

        return node is not null;
    }
}
