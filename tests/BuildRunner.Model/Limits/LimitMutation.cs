namespace BuildRunner.Model.Limits;

/// <summary>A deliberate mistake in the limits (O13).</summary>
internal enum LimitMutation
{
    None,

    /// <summary>The save of the id publishes no deadline.</summary>
    IdPublishesNothing,

    /// <summary>The save that first sees the build run publishes no deadline.</summary>
    RunPublishesNothing,

    /// <summary>The deadline goes by the limit that it was published for.</summary>
    TrustsMessage,

    /// <summary>The time before there is an id counts to the pending limit.</summary>
    CountsOwnWaiting,

    /// <summary>The time in which the runner is held counts.</summary>
    CountsHolds,

    /// <summary>The end does not say which limit it was.</summary>
    ForgetsLimit,
}
