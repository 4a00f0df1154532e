using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Relational;

/// <summary>Maps builds to rows of the table <c>queue_builds</c>.</summary>
internal static class BuildRow
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "id, build_key, owner_id, runner, request, created_at, deadline, status, remote_id, metadata, note, cancel_cause, updated_at, "
        + "grace_ends_at, trigger_attempted_at, errors_in_a_row, missing_since, not_before, version, started_at, ended_at, "
        + "last_call_ends_at, passing_note, cancel_reason, attempt, priority, tag, group_key, accepted_at, policy, timeout_of, settled_at, "
        + "line, slot_since, held_before";

    /// <summary>The columns that are written once, with the values of <see cref="Identity"/>.</summary>
    public const string IdentityColumns = "id, build_key, owner_id, runner, request, created_at, priority, tag, group_key, policy";

    /// <summary>Gets the columns that each change writes, with the values of <see cref="State"/>.</summary>
    public static IReadOnlyList<string> StateColumns { get; } =
    [
        "status", "remote_id", "remote_id_hash", "metadata", "note", "passing_note", "cancel_cause", "updated_at", "started_at", "ended_at",
        "grace_ends_at", "last_call_ends_at", "trigger_attempted_at", "errors_in_a_row", "missing_since", "not_before", "version",
        "deadline", "cancel_reason", "attempt", "accepted_at", "timeout_of", "settled_at", "line", "slot_since", "held_before",
        "place",
    ];

    public static Build Read(DbDataReader row)
    {
        var build = ReadFirst(row);
        return build.Attempt == 1
            ? build
            : build with { Request = build.Request with { TriggerKey = BuildTransitions.TriggerKeyOf(build.Id, build.Attempt) } };
    }

    // The column of the request has the key of the first attempt.
    private static Build ReadFirst(DbDataReader row) => new()
    {
        Id = Guid.ParseExact(row.GetString(0), "D"),
        Key = row.GetString(1),
        OwnerId = row.GetString(2),
        Runner = row.GetString(3),
        Request = JsonSerializer.Deserialize(row.GetString(4), BuildJson.Default.BuildRequest)!,
        CreatedAt = Time(row.GetInt64(5)),
        Deadline = Time(row.GetInt64(6)),
        Status = (BuildStatus)row.GetInt64(7),
        RemoteId = row.IsDBNull(8) ? null : new BuildId(StoredText.Read(row.GetString(8))),
        Metadata = row.IsDBNull(9) ? BuildMetadata.Empty : JsonSerializer.Deserialize(row.GetString(9), BuildJson.Default.BuildMetadata)!,
        LastingNote = OptionalText(row, 10),
        PassingNote = OptionalText(row, 22),
        CancelCause = (BuildCancelCause)row.GetInt64(11),
        UpdatedAt = Time(row.GetInt64(12)),
        Version = row.GetInt64(18),
        StartedAt = OptionalTime(row, 19),
        EndedAt = OptionalTime(row, 20),
        CancelReason = OptionalText(row, 23),
        Attempt = (int)row.GetInt64(24),
        Priority = (int)row.GetInt64(25),
        Tag = row.IsDBNull(26) ? null : row.GetString(26),
        GroupKey = row.IsDBNull(27) ? null : row.GetString(27),
        AcceptedAt = OptionalTime(row, 28),
        Policy = BuildPolicy.Read(row.IsDBNull(29) ? null : row.GetString(29)),
        Bookkeeping = new BuildBookkeeping
        {
            TriggerAttemptedAt = OptionalTime(row, 14),
            ErrorsInARow = (int)row.GetInt64(15),
            MissingSince = OptionalTime(row, 16),
            NotBefore = OptionalTime(row, 17),
            GraceEndsAt = OptionalTime(row, 13),
            LastCallEndsAt = OptionalTime(row, 21),
            TimeoutOf = (TimeoutOf)row.GetInt64(30),
            SettledAt = OptionalTime(row, 31),
            Line = row.IsDBNull(32) ? null : (int)row.GetInt64(32),
            SlotSince = OptionalTime(row, 33),
            HeldBefore = TimeSpan.FromMilliseconds(row.GetInt64(34)),
        },
    };

    /// <summary>Reads a row, or returns the reason why it cannot be read: somebody has changed it by hand.</summary>
    public static (Build? Build, Exception? Failure) TryRead(DbDataReader row)
    {
        try
        {
            return (Read(row), null);
        }
        catch (Exception exception)
        {
            return (null, exception);
        }
    }

    public static object?[] Identity(Build build) =>
    [
        Text(build.Id), build.Key, build.OwnerId, build.Runner, JsonSerializer.Serialize(build.Request, BuildJson.Default.BuildRequest),
        build.CreatedAt.ToUnixTimeMilliseconds(), (long)build.Priority, build.Tag, build.GroupKey, build.Policy.Write(),
    ];

    public static object?[] State(Build build)
    {
        var books = build.Bookkeeping;
        return
        [
            (long)build.Status,
            build.RemoteId is { IsDefault: false } id ? StoredText.Write(id.Value) : null,
            build.RemoteId is { IsDefault: false } hashed ? Hash(hashed) : null,
            build.Metadata.Count == 0 ? null : JsonSerializer.Serialize(build.Metadata, BuildJson.Default.BuildMetadata),
            OptionalText(build.LastingNote),
            OptionalText(build.PassingNote),
            (long)build.CancelCause,
            build.UpdatedAt.ToUnixTimeMilliseconds(),
            build.StartedAt?.ToUnixTimeMilliseconds(),
            build.EndedAt?.ToUnixTimeMilliseconds(),
            books.GraceEndsAt?.ToUnixTimeMilliseconds(),
            books.LastCallEndsAt?.ToUnixTimeMilliseconds(),
            books.TriggerAttemptedAt?.ToUnixTimeMilliseconds(),
            (long)books.ErrorsInARow,
            books.MissingSince?.ToUnixTimeMilliseconds(),
            books.NotBefore?.ToUnixTimeMilliseconds(),
            build.Version,
            build.Deadline.ToUnixTimeMilliseconds(),
            OptionalText(build.CancelReason),
            (long)build.Attempt,
            build.AcceptedAt?.ToUnixTimeMilliseconds(),
            (long)books.TimeoutOf,
            books.SettledAt?.ToUnixTimeMilliseconds(),
            (long?)books.Line,
            books.SlotSince?.ToUnixTimeMilliseconds(),
            (long)books.HeldBefore.TotalMilliseconds,
            BuildPlace.Of(build),
        ];
    }

    public static string Text(Guid id) => id.ToString("D");

    /// <summary>Gets the hash that the index holds, because an id may be too long for an index.</summary>
    public static long Hash(BuildId id) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id.Value)));

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static string? OptionalText(string? text) => text is null ? null : StoredText.Write(text);

    private static string? OptionalText(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : StoredText.Read(row.GetString(column));

    private static DateTimeOffset? OptionalTime(DbDataReader row, int column) => row.IsDBNull(column) ? null : Time(row.GetInt64(column));
}

/// <summary>Serializes the JSON columns of a build. The types bring their converters.</summary>
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(BuildMetadata))]
internal sealed partial class BuildJson : JsonSerializerContext;
