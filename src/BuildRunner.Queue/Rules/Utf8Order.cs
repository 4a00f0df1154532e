using System.Text;

namespace BuildRunner.Queue.Rules;

/// <summary>Compares keys by bytes, as the databases do. All transactions lock in this order.</summary>
internal static class Utf8Order
{
    public static IComparer<string> Comparer { get; } = Comparer<string>.Create(
        static (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));
}
