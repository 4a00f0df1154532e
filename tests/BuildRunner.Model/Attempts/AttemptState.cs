using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Attempts;

/// <summary>Represents a build in attempts, with a budget that another build of its owner shares.</summary>
internal readonly record struct AttemptState
{
    public AttemptRecord Record { get; init; }

    public Items<CiBuild> Ci { get; init; }

    /// <summary>Gets the message that triggers the present attempt. Those that are left of earlier ones do nothing, and are no part of the model.</summary>
    public Slot Trigger { get; init; }

    /// <summary>Gets the message that polls the present attempt.</summary>
    public Slot Poll { get; init; }

    public Slot Signal { get; init; }

    /// <summary>Gets the dead letter of one of these messages.</summary>
    public Slot Letter { get; init; }

    public Topic LetterTopic { get; init; }

    /// <summary>Gets the attempt that the dead letter is about.</summary>
    public byte LetterAttempt { get; init; }

    public AttemptWorker First { get; init; }

    public AttemptWorker Second { get; init; }

    public byte Changes { get; init; }

    public Status? Told { get; init; }

    public byte Epoch { get; init; }

    /// <summary>Gets the attempt that a caller has cancelled, or 0.</summary>
    public byte CancelledAttempt { get; init; }

    /// <summary>Gets how many attempts of the hour were begun, by this build and by others.</summary>
    public byte Begun { get; init; }

    /// <summary>Gets what the document says of that.</summary>
    public byte Spent { get; init; }

    /// <summary>Gets an attempt that was begun and is not in the document yet: with a mistake only.</summary>
    public byte Owed { get; init; }

    public AttemptFaults Left { get; init; }

    public AttemptWorker this[int index] => index == 0 ? First : Second;

    public AttemptState With(int index, AttemptWorker worker) => index == 0 ? this with { First = worker } : this with { Second = worker };

    public Slot SlotOf(Topic topic) => topic switch { Topic.Trigger => Trigger, Topic.Poll => Poll, Topic.Signal => Signal, _ => topic == LetterTopic ? Letter : Slot.Absent };

    public AttemptState WithSlot(Topic topic, Slot slot) => topic switch
    {
        Topic.Trigger => this with { Trigger = slot },
        Topic.Poll => this with { Poll = slot },
        Topic.Signal => this with { Signal = slot },
        _ => this with { Letter = slot },
    };

    /// <summary>Gets the state after what a handler holds has become something else. That of an earlier attempt does nothing any more.</summary>
    public AttemptState WithHeld(AttemptWorker worker, Slot slot) =>
        worker.IsHolder && (worker.Topic is not (Topic.Trigger or Topic.Poll) || worker.Attempt == Record.Attempt) ? WithSlot(worker.Topic, slot) : this;
}
