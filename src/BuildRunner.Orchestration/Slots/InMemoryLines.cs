namespace BuildRunner.Orchestration;

/// <summary>Keeps the builds that wait or hold slots, by runner, for the store in memory. Not safe for use by several threads.</summary>
internal sealed class InMemoryLines
{
    private readonly Dictionary<string, Runner> _runners = new(StringComparer.Ordinal);

    /// <summary>Notes a build in place of another version of it, or of none.</summary>
    public void Put(Build? before, Build? after)
    {
        if (before is { Bookkeeping: { Line: not null } or { SlotSince: not null } })
        {
            var runner = Of(before.Runner);
            runner.Slots.Remove(before.Id);
            runner.Waiting.Remove(Place.Of(before));
            runner.ByAge.Remove(before.Id);
        }

        if (after?.Bookkeeping.SlotSince is not null)
        {
            Of(after.Runner).Slots.Add(after.Id);
        }

        if (after?.Bookkeeping.Line is not null)
        {
            Of(after.Runner).Waiting.Add(Place.Of(after));
            Of(after.Runner).ByAge.Add(after.Id);
        }
    }

    /// <summary>Gets how many slots are in use, and the ids of the next and the oldest build.</summary>
    public (int InUse, Guid? Next, Guid? Oldest) Read(string name, IReadOnlyDictionary<int, string> turns, int slots)
    {
        var runner = Of(name);
        var inUse = Math.Min(runner.Slots.Count, slots);
        if (runner.Waiting.Count == 0)
        {
            return (inUse, null, null);
        }

        var first = runner.Waiting.Min;
        if (turns.TryGetValue(first.Line, out var turn))
        {
            // No owner has this character.
            Place after = new(first.Line, turn + '\0', Guid.Empty);
            var others = runner.Waiting.GetViewBetween(after, new Place(first.Line - 1, "", Guid.Empty));
            first = others.Min is { Owner: not null } next ? next : first;
        }

        return (inUse, first.Id, runner.ByAge.Min);
    }

    private Runner Of(string name)
    {
        if (!_runners.TryGetValue(name, out var runner))
        {
            _runners.Add(name, runner = new());
        }

        return runner;
    }

    private readonly record struct Place(int Line, string? Owner, Guid Id) : IComparable<Place>
    {
        public static Place Of(Build build) => new(build.Bookkeeping.Line ?? -1, build.OwnerId, build.Id);

        public int CompareTo(Place other) => (Line, other.Line) switch
        {
            var (line, others) when line != others => others.CompareTo(line),
            _ when string.CompareOrdinal(Owner, other.Owner) is var owner && owner != 0 => owner,
            _ => Id.CompareTo(other.Id),
        };
    }

    private sealed class Runner
    {
        public HashSet<Guid> Slots { get; } = [];

        public SortedSet<Place> Waiting { get; } = [];

        public SortedSet<Guid> ByAge { get; } = [];
    }
}
