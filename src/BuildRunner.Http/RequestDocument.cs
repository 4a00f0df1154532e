using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Http;

/// <summary>
/// Provides the document that is sent for a request in the form <see cref="ChangesForm.Document"/>.
/// </summary>
public static class RequestDocument
{
    /// <summary>
    /// The maximum length of a document in characters. It fits into one environment variable and one input of every service, with room to
    /// spare.
    /// </summary>
    public const int MaxLength = 60_000;

    /// <summary>
    /// Writes a request as its JSON form.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="escaped">Characters to write as <c>\u</c> and four digits, because the service would interpret them in a value:
    /// any that JSON allows only in strings, such as <c>$%</c>. The default is none.</param>
    /// <returns>The document.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    /// <exception cref="BuildRunnerException">The request is too long. It is rejected for good, before anything is sent.</exception>
    public static string Of(BuildRequest request, string escaped = "")
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(escaped);
        var text = escaped.Aggregate(
            JsonSerializer.Serialize(request, RequestDocumentJson.Default.BuildRequest),
            static (text, character) => text.Replace($"{character}", $"\\u{(int)character:x4}", StringComparison.Ordinal));
        return text.Length <= MaxLength
            ? text
            : throw new BuildRunnerException(
                $"The request takes {text.Length} characters; at most {MaxLength} can be sent. Merge the changes first, and send the "
                + "commit.");
    }

    /// <summary>
    /// Reads a document that a service has returned.
    /// </summary>
    /// <param name="text">The text, or <see langword="null"/> if there is none.</param>
    /// <returns>The request, or <see langword="null"/> if the text is not the JSON form of one.</returns>
    public static BuildRequest? Read(string? text) =>
        text is null ? null : HttpJson.Read(Encoding.UTF8.GetBytes(text), RequestDocumentJson.Default.BuildRequest);
}

[JsonSerializable(typeof(BuildRequest))]
internal sealed partial class RequestDocumentJson : JsonSerializerContext;
