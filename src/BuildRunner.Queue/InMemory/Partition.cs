namespace BuildRunner.Queue.InMemory;

/// <summary>The messages of one partition of a topic, and which of them is next.</summary>
internal sealed class Partition(string key)
{
    private readonly Dictionary<string, StoredMessage> _byId = new(StringComparer.Ordinal);
    private readonly SortedSet<StoredMessage> _byDueTime = new(Comparer<StoredMessage>.Create(static (a, b) =>
        a.VisibleAfter != b.VisibleAfter ? a.VisibleAfter.CompareTo(b.VisibleAfter) : a.Sequence.CompareTo(b.Sequence)));

    public string Key { get; } = key;

    /// <summary>Gets the message that is leased, postponed or handed back: nothing else is offered.</summary>
    public StoredMessage? Held { get; private set; }

    public long? Token { get; private set; }

    /// <summary>Gets when the partition next has something to offer; while leased, when the lease ends.</summary>
    public long ReadyAt { get; private set; }

    public bool IsEmpty => _byId.Count == 0;

    /// <summary>Gets what the partition offers next, or has leased. There is always one while the partition is not empty.</summary>
    public StoredMessage Next => Held ?? _byDueTime.Min!;

    public IEnumerable<StoredMessage> Messages => _byId.Values;

    /// <summary>Gets or sets the turn among the partitions that are ready at the same time. Set by the topic, which is sorted by it.</summary>
    public long Turn { get; set; }

    /// <summary>Gets or sets which of the topic's two orders the partition is in. Set by the topic.</summary>
    public bool IsQuarantined { get; set; }

    public StoredMessage? Find(string id) => _byId.GetValueOrDefault(id);

    public void Add(StoredMessage message)
    {
        _byId.Add(message.Message.Id, message);
        _byDueTime.Add(message);
        Refresh();
    }

    /// <summary>Deletes a message, and its lease if it has one.</summary>
    public void Remove(StoredMessage message)
    {
        _byId.Remove(message.Message.Id);
        _byDueTime.Remove(message);
        if (ReferenceEquals(message, Held))
        {
            Held = null;
            Token = null;
        }

        Refresh();
    }

    public void Show(StoredMessage message, long visibleAfter)
    {
        _byDueTime.Remove(message);
        message.VisibleAfter = visibleAfter;
        _byDueTime.Add(message);
        Refresh();
    }

    public void Lease(long token, long end)
    {
        Held = Next;
        Token = token;
        ReadyAt = end;
    }

    public void Extend(long end) => ReadyAt = end;

    /// <summary>Ends the lease.</summary>
    /// <param name="holds">Whether the message stays what the partition offers next.</param>
    /// <returns>The message that was leased.</returns>
    public StoredMessage Release(bool holds)
    {
        var message = Held!;
        Token = null;
        Held = holds ? message : null;
        Refresh();
        return message;
    }

    private void Refresh()
    {
        if (Token is null && !IsEmpty)
        {
            ReadyAt = Next.VisibleAfter;
        }
    }
}
