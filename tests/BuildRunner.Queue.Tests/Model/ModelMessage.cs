namespace BuildRunner.Queue.Tests.Model;

/// <summary>A message as the rules have it.</summary>
internal sealed class ModelMessage(string partition, string id, int order)
{
    public string Partition { get; } = partition;

    public string Id { get; } = id;

    public int Order { get; } = order;

    public long Visible { get; set; }

    public long? Wake { get; set; }

    public bool IsBackingOff { get; set; }

    public int Failures { get; set; }

    public int Deliveries { get; set; }

    public bool IsQuarantined { get; set; }

    public bool IsUnsettled { get; set; }

    public int? LetterAttempts { get; init; }

    public (string Partition, string Id) Key => (Partition, Id);
}
