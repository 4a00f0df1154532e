namespace BuildRunner.Queue.Hosting;

/// <summary>Holds finished deliveries until the engine has settled them. Used only by the pump.</summary>
internal sealed class UnsettledDeliveries(
    string topic,
    LeasedDeliveries leased,
    HandlerSlots slots,
    QueueTelemetry telemetry,
    TimeProvider timeProvider,
    ILogger logger)
{
    private const int Max = 1000;

    private readonly List<LeasedDelivery> _unsettled = [];

    public int Count => _unsettled.Count;

    public LeasedDelivery[] ToArray() => [.. _unsettled];

    public void TakeFinished()
    {
        while (_unsettled.Count < Max && slots.TryTakeFinished(out var finished))
        {
            // An unhandled message is handed back even so: its lease may have begun later than this host can know.
            var isHandledTooLate = finished.LeaseEndsAt <= timeProvider.GetTimestamp()
                && finished.Resolution!.Kind != OutcomeKind.HandBack;
            if (finished.Reason == CutOffReason.LeaseLost || isHandledTooLate)
            {
                Lose(finished);
            }
            else
            {
                _unsettled.Add(finished);
            }
        }
    }

    /// <summary>Applies the results for the oldest deliveries.</summary>
    /// <returns>Whether some must be settled again.</returns>
    public bool Apply(LeasedDelivery[] settled, IReadOnlyList<LeaseResult> results)
    {
        // Deliveries that finished meanwhile stay.
        _unsettled.RemoveRange(0, settled.Length);
        var isBusy = false;
        for (var i = 0; i < settled.Length; i++)
        {
            switch (results[i])
            {
                case LeaseResult.Applied:
                    Settled(settled[i]);
                    break;
                case LeaseResult.Stale:
                    Lose(settled[i]);
                    break;
                default:
                    _unsettled.Add(settled[i]);
                    isBusy = true;
                    break;
            }
        }

        return isBusy;
    }

    /// <summary>Reports replaced dead letters, and expired leases of any holder: a dead holder cannot report its own.</summary>
    public void Report(QueueRoundResult result)
    {
        foreach (var replaced in result.Replaced)
        {
            telemetry.DeadLetterReplaced(topic);
            QueueLog.DeadLetterReplaced(logger, topic, replaced.Id);
        }

        foreach (var expired in result.ExpiredLeases)
        {
            telemetry.Expired(topic);
            if (expired.IsDeadLettered)
            {
                telemetry.Settled(topic, OutcomeKind.Reject);
                QueueLog.DeadLettered(logger, topic, expired.Message.Id, LeaseExpiry.Failure.Reason);
            }
            else
            {
                QueueLog.Expired(logger, topic, expired.Message.Id);
            }
        }
    }

    private void Settled(LeasedDelivery settled)
    {
        var resolution = settled.Resolution!;
        leased.Remove(settled);
        telemetry.Settled(topic, resolution.Kind);
        if (resolution.Kind == OutcomeKind.Reject)
        {
            QueueLog.DeadLettered(logger, topic, settled.Claim.Delivery.Message.Id, resolution.Failure!.Reason);
        }
    }

    private void Lose(LeasedDelivery lost)
    {
        leased.Remove(lost);
        telemetry.Lost(topic);
        QueueLog.LeaseLost(logger, topic, lost.Claim.Delivery.Message.Id);
    }
}
