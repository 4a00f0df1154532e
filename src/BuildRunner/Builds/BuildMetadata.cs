using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Represents the metadata of a build: an immutable map of strings. The caller sets it on a <see cref="BuildRequest"/>, the runner
/// on a <see cref="BuildSnapshot"/>.</summary>
/// <remarks>
/// <para>
/// Keys are compared ordinally, and pairs keep the order in which they were given. Two instances are equal if they have the same pairs,
/// regardless of order. Instances are safe for concurrent use.
/// </para>
/// <para>
/// Put no secrets here: CI services show metadata. A value may still be something that does not belong in a log, so <see cref="ToString"/>
/// and the debugger show only the keys. The class implements no collection interface, because logging libraries print the contents of
/// collections. A logger that writes JSON with System.Text.Json does show values. For LINQ, call <see cref="ToDictionary"/>.
/// </para>
/// <para>
/// The JSON form is a flat object of strings. A repeated key is an error.
/// </para>
/// </remarks>
[CollectionBuilder(typeof(BuildMetadata), nameof(Create))]
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(KeysDebugView))]
[JsonConverter(typeof(BuildMetadataJsonConverter))]
public sealed class BuildMetadata : IEquatable<BuildMetadata>
{
    private readonly OrderedDictionary<string, string> _pairs;

    /// <summary>Initializes a new instance of the <see cref="BuildMetadata"/> class with a copy of <paramref name="pairs"/>.</summary>
    /// <param name="pairs">The pairs, or <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">A key is <see langword="null"/> or repeated, a value is <see langword="null"/>, or a key or
    /// value is not well-formed UTF-16.</exception>
    public BuildMetadata(IEnumerable<KeyValuePair<string, string>>? pairs)
        : this(Copy(pairs ?? []))
    {
    }

    private BuildMetadata(OrderedDictionary<string, string> pairs) => _pairs = pairs;

    /// <summary>Gets empty metadata.</summary>
    public static BuildMetadata Empty { get; } = new(new OrderedDictionary<string, string>());

    /// <summary>Gets the number of pairs.</summary>
    public int Count => _pairs.Count;

    /// <summary>Gets the keys, in the order in which they were given.</summary>
    public IEnumerable<string> Keys => _pairs.Keys.AsEnumerable();

    /// <summary>Gets the value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The value, never <see langword="null"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">The metadata does not contain the key.</exception>
    public string this[string key] => TryGetValue(key, out var value)
        ? value
        : throw new KeyNotFoundException($"The metadata has no key '{key}'; use {nameof(TryGetValue)} if it may be missing.");

    /// <summary>Determines whether two instances have the same pairs.</summary>
    /// <param name="left">One instance, or <see langword="null"/>.</param>
    /// <param name="right">The other instance, or <see langword="null"/>.</param>
    /// <returns><see langword="true"/> if both have the same pairs or both are <see langword="null"/>; otherwise,
    /// <see langword="false"/>.</returns>
    public static bool operator ==(BuildMetadata? left, BuildMetadata? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Determines whether two instances have different pairs.</summary>
    /// <param name="left">One instance, or <see langword="null"/>.</param>
    /// <param name="right">The other instance, or <see langword="null"/>.</param>
    /// <returns><see langword="false"/> if both have the same pairs or both are <see langword="null"/>; otherwise,
    /// <see langword="true"/>.</returns>
    public static bool operator !=(BuildMetadata? left, BuildMetadata? right) => !(left == right);

    /// <summary>Creates metadata with a copy of <paramref name="pairs"/>. The compiler calls it for a collection expression such as
    /// <c>[new("queue", "main")]</c>.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <returns>The metadata, or <see cref="Empty"/> if there are no pairs.</returns>
    /// <exception cref="ArgumentException">A key is <see langword="null"/> or repeated, a value is <see langword="null"/>, or a key or
    /// value is not well-formed UTF-16.</exception>
    public static BuildMetadata Create(params ReadOnlySpan<KeyValuePair<string, string>> pairs) =>
        pairs.IsEmpty ? Empty : new BuildMetadata(pairs.ToArray());

    /// <summary>Creates metadata with the pairs of this instance and of another. Where both have a key, the other's value wins. Runners use
    /// it to add their own pairs to the caller's.</summary>
    /// <param name="other">The metadata to add, or <see langword="null"/> for none.</param>
    /// <returns>The combined metadata, or this instance if <paramref name="other"/> is <see langword="null"/> or empty.</returns>
    public BuildMetadata SetItems(BuildMetadata? other)
    {
        if (other is null || other.Count == 0)
        {
            return this;
        }

        OrderedDictionary<string, string> merged = new(_pairs, StringComparer.Ordinal);
        foreach (var (key, value) in other._pairs)
        {
            merged[key] = value;
        }

        return new BuildMetadata(merged);
    }

    /// <summary>Determines whether the metadata contains a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns><see langword="true"/> if it does; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    public bool ContainsKey(string key) => _pairs.ContainsKey(key);

    /// <summary>Tries to get the value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or <see langword="null"/> if the method returns <see langword="false"/>.</param>
    /// <returns><see langword="true"/> if the metadata contains the key; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _pairs.TryGetValue(key, out value);

    /// <summary>Gets the value of a key, or a default if the metadata does not contain the key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">The value to return if the metadata does not contain the key.</param>
    /// <returns>The value, or <paramref name="defaultValue"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    [return: NotNullIfNotNull(nameof(defaultValue))]
    public string? GetValueOrDefault(string key, string? defaultValue = null) => TryGetValue(key, out var value) ? value : defaultValue;

    /// <summary>Copies the pairs to a dictionary with ordinal keys. Unlike this class, a dictionary prints its values.</summary>
    /// <returns>A new dictionary, owned by the caller.</returns>
    public Dictionary<string, string> ToDictionary() => new(_pairs, StringComparer.Ordinal);

    /// <summary>Returns an enumerator over the pairs, in the order in which they were given. The compiler calls it for <see
    /// langword="foreach"/>.</summary>
    /// <returns>The enumerator.</returns>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _pairs.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(BuildMetadata? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is null || other.Count != Count)
        {
            return false;
        }

        foreach (var (key, value) in _pairs)
        {
            if (!other._pairs.TryGetValue(key, out var theirs) || !string.Equals(value, theirs, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BuildMetadata);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // A sum, because the order of the pairs does not matter.
        var hash = 0;
        foreach (var (key, value) in _pairs)
        {
            hash += HashCode.Combine(key, value);
        }

        return hash;
    }

    /// <summary>Returns the keys in brackets, without values.</summary>
    /// <returns>For example <c>[queue, attempt]</c>.</returns>
    public override string ToString() => $"[{string.Join(", ", Keys)}]";

    private static OrderedDictionary<string, string> Copy(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        OrderedDictionary<string, string> copy = new(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
        {
            Validate(key, value, nameof(pairs));
            if (!copy.TryAdd(key, value))
            {
                throw new ArgumentException($"The key '{key}' is repeated; give each key once.", nameof(pairs));
            }
        }

        return copy;
    }

    private static void Validate(string? key, string? value, string parameterName)
    {
        if (key is null)
        {
            throw new ArgumentException("A key is null; every pair needs a key.", parameterName);
        }

        if (!Utf16.IsWellFormed(key))
        {
            throw new ArgumentException($"The key '{key}' has an unpaired surrogate; it must be well-formed UTF-16.", parameterName);
        }

        if (value is null)
        {
            throw new ArgumentException(
                $"The value of the key '{key}' is null; leave the pair out or give an empty string.",
                parameterName);
        }

        if (!Utf16.IsWellFormed(value))
        {
            throw new ArgumentException(
                $"The value of the key '{key}' has an unpaired surrogate; it must be well-formed UTF-16.",
                parameterName);
        }
    }

    // Serializers that bypass the converter would lose the values silently.
    [OnSerializing]
    private void RefuseToBeWritten(StreamingContext context) => throw WireOnly.NotSupported<BuildMetadata>();

    [OnDeserializing]
    private void RefuseToBeRead(StreamingContext context) => throw WireOnly.NotSupported<BuildMetadata>();

    private sealed class KeysDebugView(BuildMetadata metadata)
    {
        [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
        public string[] Keys => [.. metadata.Keys];
    }
}
