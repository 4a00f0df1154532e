using System.Diagnostics.CodeAnalysis;

namespace BuildRunner.Queue;

/// <summary>Represents the identity of a message in its topic.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record MessageKey
{
    private readonly string _partitionKey = "";
    private readonly string _id = "";

    /// <summary>Initializes a new instance of the <see cref="MessageKey"/> class.</summary>
    public MessageKey()
    {
    }

    // What the database has is not checked, so that an invalid row can be deleted.
#pragma warning disable CS8618 // The compiler does not see that the fields are those of the properties.
    [SetsRequiredMembers]
    internal MessageKey(string partitionKey, string id) => (_partitionKey, _id) = (partitionKey, id);
#pragma warning restore CS8618

    /// <summary>Gets the partition key of the message: 1 to 255 characters.</summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The value is empty or too long, contains U+0000, or is not well-formed UTF-16.</exception>
    public required string PartitionKey
    {
        get => _partitionKey;
        init => _partitionKey = QueueText.Fit(value, Message.MaxKeyLength, "The partition key", nameof(PartitionKey));
    }

    /// <summary>Gets the id of the message: 1 to 255 characters.</summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The value is empty or too long, contains U+0000, or is not well-formed UTF-16.</exception>
    public required string Id { get => _id; init => _id = QueueText.Fit(value, Message.MaxKeyLength, "The id", nameof(Id)); }
}
