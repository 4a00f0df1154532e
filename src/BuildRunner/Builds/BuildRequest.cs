using System.Diagnostics.CodeAnalysis;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Represents what a build shall validate: the <see cref="Head"/> on top of the <see cref="Base"/> on top of the target branch that the runner is bound to.
/// </summary>
/// <remarks>
/// Immutable: the lists are copied in. Two requests are equal if their lists hold equal changes in the same order and their metadata and keys are equal. The JSON form is <c>{"base":[…],"head":[…],"metadata":{…},"trigger_key":…}</c>. <c>head</c> is required when reading and may be empty; each of the others may be missing or <c>null</c>.
/// </remarks>
[JsonConverter(typeof(BuildRequestJsonConverter))]
public sealed record BuildRequest
{
    /// <summary>The greatest length of a <see cref="TriggerKey"/>, in UTF-16 code units.</summary>
    private const int MaxTriggerKeyLength = 255;

    /// <summary>
    /// Gets the changes that are assumed to be good, in the order in which they are applied. A runner may reuse an earlier result for them, and blames them only where it can tell. Never <see langword="null"/>, may be empty; assigning <see langword="null"/> means empty.
    /// </summary>
    /// <exception cref="ArgumentException">An item of the list is <see langword="null"/>.</exception>
    [AllowNull]
    public IReadOnlyList<Change> Base { get; init => field = Sequence<Change>.Copy(value, nameof(Base)); } = Sequence<Change>.Empty;

    /// <summary>
    /// Gets the changes under test, in the order in which they are applied, after the <see cref="Base"/>. Never <see langword="null"/>, may be empty; assigning <see langword="null"/> means empty.
    /// </summary>
    /// <exception cref="ArgumentException">An item of the list is <see langword="null"/>.</exception>
    [AllowNull]
    public IReadOnlyList<Change> Head { get; init => field = Sequence<Change>.Copy(value, nameof(Head)); } = Sequence<Change>.Empty;

    /// <summary>
    /// Gets what the caller wants to have attached to the build. Opaque to the runner: its behaviour never depends on a key. Never <see langword="null"/>; assigning <see langword="null"/> means empty.
    /// </summary>
    /// <remarks>Put no secrets here: backends show it.</remarks>
    [AllowNull]
    public BuildMetadata Metadata { get; init => field = value ?? BuildMetadata.Empty; } = BuildMetadata.Empty;

    /// <summary>
    /// Gets the caller's own name for this trigger, 1 to 255 UTF-16 code units without control characters, or <see langword="null"/> for none. Triggering again with the same key gives the same build where the runner can do that; a runner that cannot ignores the key.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty, longer than 255 code units, has a control character, or is not well-formed UTF-16.</exception>
    public string? TriggerKey { get; init => field = Validate(value, nameof(TriggerKey)); }

    // A serializer that does not know the converter would take a misspelt head for an empty one.
    [OnDeserializing]
    private void RefuseToBeRead(StreamingContext context) => throw WireOnly.NotSupported<BuildRequest>();

    private static string? Validate(string? key, string propertyName)
    {
        if (key is null)
        {
            return null;
        }

        if (key.Length is 0 or > MaxTriggerKeyLength)
        {
            throw new ArgumentException($"The trigger key has {key.Length} characters; it must have 1 to {MaxTriggerKeyLength}, or be null for none.", propertyName);
        }

        if (key.Any(char.IsControl))
        {
            throw new ArgumentException("The trigger key has a control character; it must have none.", propertyName);
        }

        Utf16.ThrowIfIllFormed(key, "The trigger key", propertyName);
        return key;
    }
}
