using System.Text;

namespace BuildRunner.MySql.Sessions;

/// <summary>Provides the order of locks, which is the database's: by code point, as the bytes of UTF-8.</summary>
internal static class MySqlOrder
{
    public static IComparer<string> Keys { get; } = Comparer<string>.Create(static (one, other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other)));
}
