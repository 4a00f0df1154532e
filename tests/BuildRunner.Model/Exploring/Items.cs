using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace BuildRunner.Model.Exploring;

/// <summary>Represents a few items in an order, compared by value.</summary>
[CollectionBuilder(typeof(Items), nameof(Items.Create))]
internal readonly struct Items<T>(ImmutableArray<T> items) : IEquatable<Items<T>>, IReadOnlyList<T>
{
    private readonly ImmutableArray<T> _items = items;

    public int Count => _items.IsDefault ? 0 : _items.Length;

    public T this[int index] => _items[index];

    public Items<T> With(int index, T item) => new(_items.SetItem(index, item));

    public Items<T> Plus(T item) => new(_items.IsDefault ? [item] : _items.Add(item));

    public Items<T> Without(int index) => new(_items.RemoveAt(index));

    public int IndexOf(Func<T, bool> predicate)
    {
        for (var index = 0; index < Count; index++)
        {
            if (predicate(_items[index]))
            {
                return index;
            }
        }

        return -1;
    }

    public bool Equals(Items<T> other)
    {
        if (Count != other.Count)
        {
            return false;
        }

        for (var index = 0; index < Count; index++)
        {
            if (!EqualityComparer<T>.Default.Equals(_items[index], other._items[index]))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => obj is Items<T> other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = new();
        for (var index = 0; index < Count; index++)
        {
            hash.Add(_items[index]);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => (_items.IsDefault ? [] : _items).AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", this)}]";
}
