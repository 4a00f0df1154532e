using System.Text;

namespace BuildRunner.MySql.Sessions;

/// <summary>The order of the database, in which everybody locks: that of code points, which is that of the bytes of UTF-8 and not .NET's.</summary>
internal static class MySqlOrder
{
    public static IComparer<string> Keys { get; } = Comparer<string>.Create(static (one, other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other)));
}
