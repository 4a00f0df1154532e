using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Represents the identity of one build, as the runner that created it names it.
/// </summary>
/// <remarks>
/// <para>
/// The value is opaque: only the runner that returned it can read anything into it. It is compared ordinally, character by character. Whoever stores ids of several runners stores the runner's name beside each of them, because an id is unique within its backend only.
/// </para>
/// <para>
/// <see langword="default"/> is legal to hold and to compare, and names no build: its <see cref="Value"/> is empty, <see cref="IsDefault"/> is <see langword="true"/>, every runner refuses it with an <see cref="ArgumentException"/>, and it cannot be written as JSON.
/// </para>
/// <para>
/// The JSON form is <c>{"id":"noop-1"}</c>; as a dictionary key and in configuration it is the bare value.
/// </para>
/// </remarks>
[JsonConverter(typeof(BuildIdJsonConverter))]
[TypeConverter(typeof(BuildIdTypeConverter))]
public readonly record struct BuildId : IParsable<BuildId>
{
    private readonly string? _value;

    /// <summary>
    /// Initializes a new instance of the <see cref="BuildId"/> struct.
    /// </summary>
    /// <param name="value">The identity, exactly as the runner's backend spells it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty, consists of white space alone, or is not well-formed UTF-16.</exception>
    public BuildId(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        Utf16.ThrowIfIllFormed(value, "The build id", nameof(value));
        _value = value;
    }

    /// <summary>
    /// Gets the identity as the runner spells it, or the empty string for <see langword="default"/>. Never <see langword="null"/>.
    /// </summary>
    public string Value => _value ?? "";

    /// <summary>
    /// Gets a value indicating whether this is <see langword="default"/>, which names no build.
    /// </summary>
    public bool IsDefault => _value is null;

    /// <summary>
    /// Makes a build id of the text that <see cref="ToString"/> gave.
    /// </summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Not used: an id has no culture.</param>
    /// <returns>The build id whose <see cref="Value"/> is <paramref name="s"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="s"/> is <see langword="null"/>.</exception>
    /// <exception cref="FormatException"><paramref name="s"/> is empty, consists of white space alone, or is not well-formed UTF-16.</exception>
    public static BuildId Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not a build id; it must be well-formed UTF-16 that is not blank.");
    }

    /// <summary>
    /// Tries to make a build id of the text that <see cref="ToString"/> gave.
    /// </summary>
    /// <param name="s">The text, or <see langword="null"/>, which is no id.</param>
    /// <param name="provider">Not used: an id has no culture.</param>
    /// <param name="result">The build id, or <see langword="default"/> where the method returns <see langword="false"/>.</param>
    /// <returns><see langword="true"/> if <paramref name="s"/> is a build id; otherwise, <see langword="false"/>. The method never throws.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out BuildId result)
    {
        if (string.IsNullOrWhiteSpace(s) || !Utf16.IsWellFormed(s))
        {
            result = default;
            return false;
        }

        result = new BuildId(s);
        return true;
    }

    /// <summary>
    /// Gets the bare <see cref="Value"/>.
    /// </summary>
    /// <returns>The value; the empty string for <see langword="default"/>.</returns>
    public override string ToString() => Value;

    /// <summary>
    /// Throws an exception if a build id names no build. For the first line of a runner's methods.
    /// </summary>
    /// <param name="buildId">The build id to look at.</param>
    /// <param name="parameterName">The name of the parameter, filled in by the compiler.</param>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is <see langword="default"/>.</exception>
    public static void ThrowIfDefault(BuildId buildId, [CallerArgumentExpression(nameof(buildId))] string? parameterName = null)
    {
        if (buildId.IsDefault)
        {
            throw new ArgumentException("The build id is default and names no build; pass one that a trigger has returned.", parameterName);
        }
    }
}
