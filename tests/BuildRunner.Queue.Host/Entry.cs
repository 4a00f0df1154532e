using System.Text.Json.Serialization;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Host;

/// <summary>One line of a journal. Times are microseconds since 1970, delays are milliseconds.</summary>
[JsonDerivedType(typeof(Publishing), "publishing")]
[JsonDerivedType(typeof(Acknowledged), "acknowledged")]
[JsonDerivedType(typeof(Exchanging), "exchanging")]
[JsonDerivedType(typeof(RoundDone), "exchanged")]
[JsonDerivedType(typeof(Handled), "handled")]
internal abstract record Entry
{
    /// <summary>Messages are about to be published.</summary>
    public sealed record Publishing(int Number, long At, IReadOnlyList<Sent> Messages) : Entry;

    /// <summary>They are published.</summary>
    public sealed record Acknowledged(int Number) : Entry;

    /// <summary>Messages are about to be settled.</summary>
    public sealed record Exchanging(int Number, long At, IReadOnlyList<Settled> Settlements) : Entry;

    /// <summary>The engine has answered.</summary>
    public sealed record RoundDone(int Number, long BeganAt, long At, IReadOnlyList<LeaseResult> Settlements, IReadOnlyList<Claimed> Claims) : Entry;

    /// <summary>A handler is about to say what is to become of a message.</summary>
    public sealed record Handled(Incarnation Message, int Deliveries, Verdict Verdict) : Entry;

    public sealed record Sent(string Partition, string Id, double Delay);

    /// <param name="IsRepeated">Whether it is sent although its lease is known to have ended.</param>
    public sealed record Settled(long Token, OutcomeKind Kind, double Delay, bool IsRepeated);

    public sealed record Claimed(long Token, Incarnation Message, int Deliveries, int Attempt, bool IsQuarantined);
}
