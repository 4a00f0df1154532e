using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>
/// Represents which builds are wanted.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildQuery
{
    /// <summary>
    /// The greatest <see cref="Limit"/>.
    /// </summary>
    public const int MaxLimit = 1000;

    /// <summary>
    /// Gets whose builds, or <see langword="null"/> for those of all owners.
    /// </summary>
    public string? OwnerId { get; init; }

    /// <summary>
    /// Gets with which status, or <see langword="null"/> for all.
    /// </summary>
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public BuildStatus? Status { get; init; }

    /// <summary>
    /// Gets whether builds that have ended are wanted, or those that have not, or <see langword="null"/> for both.
    /// </summary>
    public bool? HasEnded { get; init; }

    /// <summary>
    /// Gets how many at most: 1 to 1000. The default is 100.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Limit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxLimit);
            field = value;
        }
    }
    = 100;

    /// <summary>
    /// Gets after which <see cref="Build.Id"/> to begin, the <see cref="BuildPage.Next"/> of the page before, or <see langword="null"/> for the first page.
    /// </summary>
    public Guid? After { get; init; }
}
