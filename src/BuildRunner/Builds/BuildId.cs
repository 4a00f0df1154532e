using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Represents the id of a build, as assigned by the runner that triggered it.</summary>
/// <remarks>
/// <para>
/// The value is opaque to everyone but that runner, and is compared ordinally. It is unique within the runner's backend only, so store the
/// name of the runner with each id.
/// </para>
/// <para>
/// <see langword="default"/> identifies no build. It may be stored and compared; <see cref="Value"/> is empty and <see cref="IsDefault"/>
/// is <see langword="true"/>. Every runner rejects it with an <see cref="ArgumentException"/>, and it cannot be written as JSON.
/// </para>
/// <para>
/// The JSON form is <c>{"id":"noop-1"}</c>. Dictionary keys and configuration use the bare value.
/// </para>
/// </remarks>
[JsonConverter(typeof(BuildIdJsonConverter))]
[TypeConverter(typeof(BuildIdTypeConverter))]
public readonly record struct BuildId : IParsable<BuildId>
{
    private readonly string? _value;

    /// <summary>Initializes a new instance of the <see cref="BuildId"/> struct.</summary>
    /// <param name="value">The id, exactly as the backend spells it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty, is white space, or is not well-formed UTF-16.</exception>
    public BuildId(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        Utf16.ThrowIfIllFormed(value, "The build id", nameof(value));
        _value = value;
    }

    /// <summary>Gets the id as the runner spells it. Never <see langword="null"/>; empty for <see langword="default"/>.</summary>
    public string Value => _value ?? "";

    /// <summary>Gets a value indicating whether this is <see langword="default"/>, which identifies no build.</summary>
    public bool IsDefault => _value is null;

    /// <summary>Parses the text returned by <see cref="ToString"/>.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Ignored: an id is not culture-specific.</param>
    /// <returns>The build id with <paramref name="s"/> as its <see cref="Value"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="s"/> is <see langword="null"/>.</exception>
    /// <exception cref="FormatException"><paramref name="s"/> is empty, is white space, or is not well-formed UTF-16.</exception>
    public static BuildId Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not a build id; it must be well-formed UTF-16 and not blank.");
    }

    /// <summary>Tries to parse the text returned by <see cref="ToString"/>.</summary>
    /// <param name="s">The text to parse, or <see langword="null"/>, which is not an id.</param>
    /// <param name="provider">Ignored: an id is not culture-specific.</param>
    /// <param name="result">The build id, or <see langword="default"/> if the method returns <see langword="false"/>.</param>
    /// <returns><see langword="true"/> if <paramref name="s"/> is a build id; otherwise, <see langword="false"/>. Never throws.</returns>
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

    /// <summary>Returns the bare <see cref="Value"/>.</summary>
    /// <returns>The value; empty for <see langword="default"/>.</returns>
    public override string ToString() => Value;

    /// <summary>Throws an exception if a build id is <see langword="default"/>. Runners call it first in each method that takes an
    /// id.</summary>
    /// <param name="buildId">The build id to check.</param>
    /// <param name="parameterName">The name of the parameter. The compiler fills it in.</param>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is <see langword="default"/>.</exception>
    public static void ThrowIfDefault(BuildId buildId, [CallerArgumentExpression(nameof(buildId))] string? parameterName = null)
    {
        if (buildId.IsDefault)
        {
            throw new ArgumentException(
                "The build id is default and identifies no build; pass one that a trigger has returned.",
                parameterName);
        }
    }
}
