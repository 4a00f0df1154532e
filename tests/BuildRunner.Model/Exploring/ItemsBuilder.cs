using System.Collections.Immutable;

namespace BuildRunner.Model.Exploring;

/// <summary>Creates items.</summary>
internal static class Items
{
    public static Items<T> Create<T>(ReadOnlySpan<T> items) => new(ImmutableArray.Create(items));
}
