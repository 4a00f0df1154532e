using System.Text;

namespace BuildRunner.Queue.Rules;

/// <summary>The order in which all transactions lock: that of the databases, which is by bytes.</summary>
internal static class Utf8Order
{
    public static IComparer<string> Comparer { get; } = Comparer<string>.Create(
        static (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));
}
