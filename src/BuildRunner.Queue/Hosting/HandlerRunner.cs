using System.Diagnostics;

namespace BuildRunner.Queue.Hosting;

/// <summary>Runs the handler of one message and resolves the message.</summary>
internal sealed class HandlerRunner(
    ConsumerRegistration consumer,
    ConsumerOptions options,
    IServiceScopeFactory scopes,
    QueueTelemetry telemetry,
    TimeProvider timeProvider,
    ILogger logger,
    Action servicesGone)
{
    private const string TimedOut = "handler_timeout";

    /// <summary>Handles a message and resolves it. Never throws.</summary>
    /// <returns><see langword="false"/> if the message was given up meanwhile, so the handler's outcome is ignored.</returns>
    public async Task<bool> RunAsync(LeasedDelivery leased)
    {
        if (leased.Token.IsCancellationRequested || leased.LeaseEndsAt <= timeProvider.GetTimestamp())
        {
            return leased.TryResolve(Outcome.HandBack);
        }

        var isFirst = false;
        Activity? activity = null;
        try
        {
            activity = telemetry.StartProcess(leased.Claim.Delivery);
            var (resolution, errorType) = await ResolveAsync(leased).ConfigureAwait(false);
            isFirst = leased.TryResolve(resolution);
            if (isFirst)
            {
                Measure(leased, errorType);
            }

            if (errorType is not null)
            {
                activity?.SetStatus(ActivityStatusCode.Error, resolution.Failure?.Reason).SetTag("error.type", errorType);
            }
        }
        catch (Exception exception)
        {
            // Otherwise the message and its slot would never be released.
            isFirst |= leased.TryResolve(RetryOf(leased, Failure.From(exception)));
            QueueLog.RunnerBroken(logger, consumer.Topic, leased.Claim.Delivery.Message.Id, exception);
        }
        finally
        {
            telemetry.End(activity);
        }

        return isFirst;
    }

    /// <summary>Gets the resolution of a message that no longer waits for its handler.</summary>
    public Outcome ResolutionWithout(LeasedDelivery leased) =>
        leased.Reason == CutOffReason.TimedOut ? RetryOf(leased, Timeout) : Outcome.HandBack;

    /// <summary>Records that a message was given up.</summary>
    public void GaveUp(LeasedDelivery leased)
    {
        if (leased.StartedAt != 0)
        {
            QueueLog.Abandoned(logger, consumer.Topic, leased.Claim.Delivery.Message.Id, leased.Reason);
            Measure(leased, leased.Reason == CutOffReason.TimedOut ? TimedOut : null);
        }
    }

    private Failure Timeout => new($"The handler took longer than {options.HandlerTimeout}.", TimedOut);

    private async Task<(Outcome Outcome, string? ErrorType)> ResolveAsync(LeasedDelivery leased)
    {
        var delivery = leased.Claim.Delivery;
        try
        {
            return ResolutionOf(leased, await HandleAsync(delivery, leased.Token).ConfigureAwait(false));
        }
        catch (Exception exception) when (leased.Resolution is not null)
        {
            QueueLog.EndedLate(logger, consumer.Topic, delivery.Message.Id, exception);
            return (Outcome.HandBack, exception.GetType().FullName);
        }
        catch (Exception exception) when (leased.Reason != CutOffReason.None)
        {
            QueueLog.CutOff(logger, consumer.Topic, delivery.Message.Id, leased.Reason, exception);
            return (ResolutionWithout(leased), leased.Reason == CutOffReason.TimedOut ? TimedOut : null);
        }
        catch (Exception exception) when (AreServicesGone())
        {
            // The container is being disposed, which is not a failure of the message. The next messages would fail too.
            QueueLog.CutOff(logger, consumer.Topic, delivery.Message.Id, CutOffReason.Stopping, exception);
            servicesGone();
            return (Outcome.HandBack, null);
        }
        catch (Exception exception)
        {
            // An exception of a handler fails its message and nothing else.
            QueueLog.Failed(logger, consumer.Topic, delivery.Message.Id, delivery.Attempt, exception);
            return (RetryOf(leased, Failure.From(exception)), exception.GetType().FullName);
        }
    }

    private async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var handler = consumer.Resolve(scope.ServiceProvider);
            return await handler.HandleAsync(delivery, cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"{handler.GetType()} returned null; it must return an {nameof(Outcome)}.");
        }
    }

    // A container that is being disposed creates no scope. Services can be gone before the queue is stopped.
    private bool AreServicesGone()
    {
        try
        {
            scopes.CreateScope().Dispose();
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    // The failure type is free text, and each tag value creates a metric series.
    private (Outcome Outcome, string? ErrorType) ResolutionOf(LeasedDelivery leased, Outcome outcome) => outcome.Kind switch
    {
        // Otherwise a handler that is always late would run forever.
        OutcomeKind.Postpone when leased.Reason == CutOffReason.TimedOut => (RetryOf(leased, Timeout), TimedOut),
        OutcomeKind.Retry => (RetryOf(leased, outcome.Failure!), "retry"),
        OutcomeKind.Reject => (outcome, "reject"),
        _ => (outcome, null),
    };

    private Outcome RetryOf(LeasedDelivery leased, Failure failure)
    {
        var attempt = leased.Claim.Delivery.Attempt;
        return options.Policy.IsExhausted(consumer.Topic, attempt)
            ? Outcome.Reject(failure)
            : Outcome.RetryAfter(options.Policy.DelayAfter(attempt, Random.Shared.NextDouble()), failure);
    }

    private void Measure(LeasedDelivery leased, string? errorType) =>
        telemetry.Processed(consumer.Topic, leased.StartedAt, errorType);
}
