namespace BuildRunner.Model.Builds;

/// <summary>Represents everything: the record, the queue, two consumers, the CI, the owner, the clock, and what may still go wrong.</summary>
internal readonly record struct BuildState()
{
    public bool IsSubmitted { get; init; }

    public BuildRecord Record { get; init; } = new();

    public Slot Trigger { get; init; }

    public Slot Poll { get; init; }

    public Slot Signal { get; init; }

    public Slot Deadline { get; init; }

    public Slot TriggerLetter { get; init; }

    public Slot PollLetter { get; init; }

    /// <summary>Gets how many changes wait for the owner.</summary>
    public byte Changes { get; init; }

    /// <summary>Gets the last status that the owner was told, and <see langword="null"/> for none.</summary>
    public Status? Told { get; init; }

    public Worker First { get; init; } = new();

    public Worker Second { get; init; } = new();

    public Remote Remote0 { get; init; }

    public Remote Remote1 { get; init; }

    public Clock Clock { get; init; }

    /// <summary>Gets how many times a mark would have settled, from 1.</summary>
    public byte Epoch { get; init; } = 1;

    public bool IsAftercareOver { get; init; }

    public Faults Left { get; init; }

    public Worker this[int index] => index == 0 ? First : Second;

    public Remote RemoteOf(int number) => number == 0 ? Remote0 : Remote1;

    public BuildState With(int index, Worker worker) => index == 0 ? this with { First = worker } : this with { Second = worker };

    public BuildState WithRemote(int number, Remote remote) => number == 0 ? this with { Remote0 = remote } : this with { Remote1 = remote };

    public Slot SlotOf(Topic topic) => topic switch
    {
        Topic.Trigger => Trigger,
        Topic.Poll => Poll,
        Topic.Signal => Signal,
        Topic.Deadline => Deadline,
        Topic.TriggerLetter => TriggerLetter,
        _ => PollLetter,
    };

    public BuildState WithSlot(Topic topic, Slot slot) => topic switch
    {
        Topic.Trigger => this with { Trigger = slot },
        Topic.Poll => this with { Poll = slot },
        Topic.Signal => this with { Signal = slot },
        Topic.Deadline => this with { Deadline = slot },
        Topic.TriggerLetter => this with { TriggerLetter = slot },
        _ => this with { PollLetter = slot },
    };
}
