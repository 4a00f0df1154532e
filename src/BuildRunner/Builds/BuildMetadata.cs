using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Represents what is attached to a build: an immutable map of strings, from the caller on a <see cref="BuildRequest"/> and from the runner on a <see cref="BuildSnapshot"/>.
/// </summary>
/// <remarks>
/// <para>
/// Keys are compared ordinally. The pairs keep the order in which they were given. Two instances are equal if they have the same pairs, in whatever order. Safe for concurrent use.
/// </para>
/// <para>
/// A value may be something that does not belong in a log. <see cref="ToString"/> and the debugger therefore show the keys alone, and the class implements no collection interface, because logging libraries print what a collection holds. A logger that writes JSON with System.Text.Json shows values all the same. <see cref="ToDictionary"/> makes a copy for LINQ. Do not put secrets here all the same: backends show metadata.
/// </para>
/// <para>
/// The JSON form is a flat object of strings; a repeated key is refused.
/// </para>
/// </remarks>
[CollectionBuilder(typeof(BuildMetadata), nameof(Create))]
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(KeysDebugView))]
[JsonConverter(typeof(BuildMetadataJsonConverter))]
public sealed class BuildMetadata : IEquatable<BuildMetadata>
{
    private readonly OrderedDictionary<string, string> _pairs;

    /// <summary>
    /// Initializes a new instance of the <see cref="BuildMetadata"/> class with a copy of the pairs.
    /// </summary>
    /// <param name="pairs">The pairs, or <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">A key is <see langword="null"/> or there twice, a value is <see langword="null"/>, or a key or a value is not well-formed UTF-16.</exception>
    public BuildMetadata(IEnumerable<KeyValuePair<string, string>>? pairs)
        : this(Copy(pairs ?? []))
    {
    }

    private BuildMetadata(OrderedDictionary<string, string> pairs) => _pairs = pairs;

    /// <summary>
    /// Gets the metadata without any pair.
    /// </summary>
    public static BuildMetadata Empty { get; } = new(new OrderedDictionary<string, string>());

    /// <summary>
    /// Gets the number of pairs.
    /// </summary>
    public int Count => _pairs.Count;

    /// <summary>
    /// Gets the keys, in the order in which they were given.
    /// </summary>
    public IEnumerable<string> Keys => _pairs.Keys.AsEnumerable();

    /// <summary>
    /// Gets the value of a key.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <returns>The value, never <see langword="null"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public string this[string key] => TryGetValue(key, out var value)
        ? value
        : throw new KeyNotFoundException($"The metadata has no key '{key}'.");

    /// <summary>
    /// Determines whether two instances have the same pairs.
    /// </summary>
    /// <param name="left">One instance, or <see langword="null"/>.</param>
    /// <param name="right">The other instance, or <see langword="null"/>.</param>
    /// <returns><see langword="true"/> if both have the same pairs or both are <see langword="null"/>; otherwise, <see langword="false"/>.</returns>
    public static bool operator ==(BuildMetadata? left, BuildMetadata? right) => left is null ? right is null : left.Equals(right);

    /// <summary>
    /// Determines whether two instances differ in a pair.
    /// </summary>
    /// <param name="left">One instance, or <see langword="null"/>.</param>
    /// <param name="right">The other instance, or <see langword="null"/>.</param>
    /// <returns><see langword="false"/> if both have the same pairs or both are <see langword="null"/>; otherwise, <see langword="true"/>.</returns>
    public static bool operator !=(BuildMetadata? left, BuildMetadata? right) => !(left == right);

    /// <summary>
    /// Makes metadata with a copy of the pairs; what a collection expression such as <c>[new("queue", "main")]</c> calls.
    /// </summary>
    /// <param name="pairs">The pairs.</param>
    /// <returns>The metadata, <see cref="Empty"/> where there is no pair.</returns>
    /// <exception cref="ArgumentException">A key is <see langword="null"/> or there twice, a value is <see langword="null"/>, or a key or a value is not well-formed UTF-16.</exception>
    public static BuildMetadata Create(params ReadOnlySpan<KeyValuePair<string, string>> pairs) =>
        pairs.IsEmpty ? Empty : new BuildMetadata(pairs.ToArray());

    /// <summary>
    /// Makes metadata that has the pairs of this instance and of another, where the other's win. For a runner that adds its own to the caller's.
    /// </summary>
    /// <param name="other">The metadata to add, or <see langword="null"/> for none.</param>
    /// <returns>The metadata; this instance where <paramref name="other"/> is <see langword="null"/> or empty.</returns>
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

    /// <summary>
    /// Determines whether there is such a key.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <returns><see langword="true"/> if there is; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    public bool ContainsKey(string key) => _pairs.ContainsKey(key);

    /// <summary>
    /// Gets the value of a key, if there is such a key.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or <see langword="null"/> where the method returns <see langword="false"/>.</param>
    /// <returns><see langword="true"/> if there is such a key; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _pairs.TryGetValue(key, out value);

    /// <summary>
    /// Gets the value of a key, or a default where there is no such key.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultValue">What to return where there is no such key.</param>
    /// <returns>The value, or <paramref name="defaultValue"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    [return: NotNullIfNotNull(nameof(defaultValue))]
    public string? GetValueOrDefault(string key, string? defaultValue = null) => TryGetValue(key, out var value) ? value : defaultValue;

    /// <summary>
    /// Copies the pairs into a dictionary with ordinal keys. A dictionary shows its values wherever it is printed.
    /// </summary>
    /// <returns>A new dictionary, which is the caller's.</returns>
    public Dictionary<string, string> ToDictionary() => new(_pairs, StringComparer.Ordinal);

    /// <summary>
    /// Gets an enumerator over the pairs, in the order in which they were given; what <see langword="foreach"/> calls.
    /// </summary>
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
        // A sum, because the order of the pairs must not count.
        var hash = 0;
        foreach (var (key, value) in _pairs)
        {
            hash += HashCode.Combine(key, value);
        }

        return hash;
    }

    /// <summary>
    /// Gets the keys in brackets. Never a value.
    /// </summary>
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
                throw new ArgumentException($"The key '{key}' is there twice; give each key once.", nameof(pairs));
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
            throw new ArgumentException($"The value of the key '{key}' is null; leave the pair out or give an empty string.", parameterName);
        }

        if (!Utf16.IsWellFormed(value))
        {
            throw new ArgumentException($"The value of the key '{key}' has an unpaired surrogate; it must be well-formed UTF-16.", parameterName);
        }
    }

    // Serializers that do not know the converter would lose the values without a word.
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
