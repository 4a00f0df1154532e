using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Represents a query for a page of builds that match all filters.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildQuery
{
    /// <summary>The maximum <see cref="Limit"/>.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Gets the owner to filter by, or <see langword="null"/> for all owners.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Gets the name of the runner to filter by, or <see langword="null"/> for all runners. Compared exactly.</summary>
    public string? Runner { get; init; }

    /// <summary>Gets the status to filter by, or <see langword="null"/> for all.</summary>
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public BuildStatus? Status { get; init; }

    /// <summary>Gets <see langword="true"/> for builds that have ended, <see langword="false"/> for those that have not, or <see
    /// langword="null"/> for both.</summary>
    public bool? HasEnded { get; init; }

    /// <summary>Gets the <see cref="Build.Tag"/> to filter by, or <see langword="null"/> for all builds. Compared exactly.</summary>
    public string? Tag { get; init; }

    /// <summary>Gets the beginning of the <see cref="Build.Key"/>, or <see langword="null"/> for all keys. Compared exactly. The cost of a
    /// page grows with the number of builds whose keys begin so.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary>Gets the earliest <see cref="Build.CreatedAt"/>, or <see langword="null"/> for all.</summary>
    public DateTimeOffset? SubmittedFrom { get; init; }

    /// <summary>Gets the time before which builds were submitted, or <see langword="null"/> for all.</summary>
    public DateTimeOffset? SubmittedBefore { get; init; }

    /// <summary>Gets the order of the builds. The default is <see cref="BuildOrder.NewestFirst"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public BuildOrder Order
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, null);
    }

    /// <summary>Gets the maximum number of builds in the page: 1 to 1000. The default is 100.</summary>
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

    /// <summary>Gets the <see cref="BuildPage.Next"/> of the previous page, or <see langword="null"/> for the first page. Keep the filters
    /// and the order.</summary>
    public Guid? After { get; init; }
}
