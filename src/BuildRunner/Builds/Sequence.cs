using System.Collections;

namespace BuildRunner;

/// <summary>An immutable list that is equal to any list with equal items in the same order, and so makes the records that hold it
/// equal.</summary>
internal sealed class Sequence<T> : IReadOnlyList<T>, IEquatable<Sequence<T>>
    where T : class
{
    private readonly T[] _items;

    private Sequence(T[] items) => _items = items;

    public static Sequence<T> Empty { get; } = new([]);

    public int Count => _items.Length;

    public T this[int index] => _items[index];

    public static Sequence<T> Copy(IEnumerable<T>? items, string parameterName)
    {
        if (items is null)
        {
            return Empty;
        }

        if (items is Sequence<T> sequence)
        {
            return sequence;
        }

        T[] copy = [.. items];
        var missing = Array.IndexOf(copy, null);
        if (missing >= 0)
        {
            throw new ArgumentException($"Item {missing} is null; every item must be a {typeof(T).Name}.", parameterName);
        }

        return copy.Length == 0 ? Empty : new Sequence<T>(copy);
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(Sequence<T>? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as Sequence<T>);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (var item in _items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => $"[{string.Join(", ", (IEnumerable<T>)_items)}]";
}
