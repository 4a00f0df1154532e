using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Reads the members of an object. Finds each by its documented name, or by the name that the host's options give it.</summary>
internal sealed class WireMembers
{
    private readonly string _owner;
    private readonly (string Name, string Property)[] _members;

    /// <param name="owner">The owner of the members, for messages.</param>
    /// <param name="members">The documented name of each member, and the name of its property, which a naming policy may change.</param>
    public WireMembers(string owner, params (string Name, string Property)[] members)
    {
        _owner = owner;
        _members = members;
    }

    /// <summary>Moves to the value of the next known member.</summary>
    /// <param name="reader">The reader, inside the object and after a value.</param>
    /// <param name="options">The options of the host.</param>
    /// <param name="seen">The members that have been read, a bit for each.</param>
    /// <returns>The documented name of the member, or <see langword="null"/> at the end of the object.</returns>
    public string? Next(ref Utf8JsonReader reader, JsonSerializerOptions options, ref int seen)
    {
        ArgumentNullException.ThrowIfNull(options);
        while (WireReader.NextMember(ref reader))
        {
            var index = Find(ref reader, options);
            if (index >= 0)
            {
                MarkAsSeen(index, ref seen);
                WireReader.Advance(ref reader);
                return _members[index].Name;
            }

            if (options.UnmappedMemberHandling == JsonUnmappedMemberHandling.Disallow)
            {
                var name = WireReader.ReadText(ref reader, "The name of a member");
                throw new JsonException(
                    $"'{name}' is not a member of {_owner}; leave it out, or use one of: "
                    + $"{string.Join(", ", _members.Select(static member => member.Name))}.");
            }

            WireReader.SkipMember(ref reader);
        }

        return null;
    }

    /// <summary>Throws an exception if a member was not read.</summary>
    public void ThrowIfMissing(string name, int seen)
    {
        for (var index = 0; index < _members.Length; index++)
        {
            if (_members[index].Name == name && (seen & (1 << index)) == 0)
            {
                throw new JsonException($"The member '{name}' is missing from {_owner}; it is required.");
            }
        }
    }

    private int Find(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        for (var index = 0; index < _members.Length; index++)
        {
            if (WireReader.NameIs(ref reader, _members[index].Name))
            {
                return index;
            }
        }

        return options.PropertyNamingPolicy is null && !options.PropertyNameCaseInsensitive
            ? -1
            : Find(WireReader.ReadText(ref reader, "The name of a member"), options);
    }

    // Documented names first, so that no policy can give one of them to another member.
    private int Find(string name, JsonSerializerOptions options)
    {
        var policy = options.PropertyNamingPolicy;
        var comparison = options.PropertyNameCaseInsensitive ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var found = Array.FindIndex(_members, member => name.Equals(member.Name, comparison));
        return found >= 0 || policy is null
            ? found
            : Array.FindIndex(_members, member => name.Equals(policy.ConvertName(member.Property), comparison));
    }

    private void MarkAsSeen(int index, ref int seen)
    {
        var bit = 1 << index;
        if ((seen & bit) != 0)
        {
            throw new JsonException($"The member '{_members[index].Name}' of {_owner} is repeated; give it once, in one spelling.");
        }

        seen |= bit;
    }
}
