using System.Diagnostics.CodeAnalysis;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Represents a request to build the <see cref="Head"/> on top of the <see cref="Base"/>, on top of the target branch that the
/// runner is bound to.</summary>
/// <remarks>
/// <para>
/// Immutable; lists are copied. Two requests are equal if they have equal changes in the same order, equal metadata and equal keys.
/// </para>
/// <para>
/// The JSON form is <c>{"base":[…],"head":[…],"metadata":{…},"trigger_key":…}</c>. When read, <c>head</c> is required and may be empty; the
/// other members may be missing or <c>null</c>.
/// </para>
/// </remarks>
[JsonConverter(typeof(BuildRequestJsonConverter))]
public sealed record BuildRequest
{
    /// <summary>The maximum length of a <see cref="TriggerKey"/>, in UTF-16 code units.</summary>
    private const int MaxTriggerKeyLength = 255;

    /// <summary>Gets the changes that are assumed to be good, in the order in which they are applied. Never <see langword="null"/>, may be
    /// empty; assigning <see langword="null"/> means empty. A runner may reuse an earlier result for them, and blames them only if it can
    /// tell that they are broken.</summary>
    /// <exception cref="ArgumentException">The list contains <see langword="null"/>.</exception>
    [AllowNull]
    public IReadOnlyList<Change> Base { get; init => field = Sequence<Change>.Copy(value, nameof(Base)); } = Sequence<Change>.Empty;

    /// <summary>Gets the changes under test, in the order in which they are applied on top of the <see cref="Base"/>. Never <see
    /// langword="null"/>, may be empty; assigning <see langword="null"/> means empty.</summary>
    /// <exception cref="ArgumentException">The list contains <see langword="null"/>.</exception>
    [AllowNull]
    public IReadOnlyList<Change> Head { get; init => field = Sequence<Change>.Copy(value, nameof(Head)); } = Sequence<Change>.Empty;

    /// <summary>Gets the metadata to attach to the build. A runner's behaviour never depends on a key. Never <see langword="null"/>;
    /// assigning <see langword="null"/> means empty.</summary>
    /// <remarks>Put no secrets here: CI services show metadata.</remarks>
    [AllowNull]
    public BuildMetadata Metadata { get; init => field = value ?? BuildMetadata.Empty; } = BuildMetadata.Empty;

    /// <summary>Gets the caller's own key for this trigger, or <see langword="null"/> for none: 1 to 255 UTF-16 code units, without control
    /// characters. A runner that supports keys returns the same build for the same key. Other runners ignore it.</summary>
    /// <exception cref="ArgumentException">The value is empty, is longer than 255 code units, contains a control character, or is not
    /// well-formed UTF-16.</exception>
    public string? TriggerKey { get; init => field = Validate(value, nameof(TriggerKey)); }

    // A serializer that bypasses the converter would read a misspelt head as an empty one.
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
            throw new ArgumentException(
                $"The trigger key has {key.Length} characters; it must have 1 to {MaxTriggerKeyLength}, or be null for none.",
                propertyName);
        }

        if (key.Any(char.IsControl))
        {
            throw new ArgumentException("The trigger key contains a control character; it must not.", propertyName);
        }

        Utf16.ThrowIfIllFormed(key, "The trigger key", propertyName);
        return key;
    }
}
