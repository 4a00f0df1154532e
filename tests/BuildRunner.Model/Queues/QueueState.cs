using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Queues;

/// <summary>Represents the queue, two consumers and one of dead letters, and what may still happen. Rows are in the order of their insertion.</summary>
internal readonly record struct QueueState
{
    public Items<Row> Rows { get; init; }

    public Items<Letter> Letters { get; init; }

    public Hold? First { get; init; }

    public Hold? Second { get; init; }

    public Hold? OfLetters { get; init; }

    /// <summary>Gets how often each identity may still be published.</summary>
    public Items<byte> Publishes { get; init; }

    public byte Ticks { get; init; }

    public byte Crashes { get; init; }

    public byte Redrives { get; init; }

    public Hold? this[int consumer] => consumer == 0 ? First : Second;

    public QueueState With(int consumer, Hold? hold) => consumer == 0 ? this with { First = hold } : this with { Second = hold };

    public int Find(char partition, char id) => Rows.IndexOf(row => row.Partition == partition && row.Id == id);
}
