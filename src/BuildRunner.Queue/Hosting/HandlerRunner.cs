using System.Diagnostics;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Hosting;

/// <summary>Runs the handler of one message and says what is to become of it.</summary>
internal sealed class HandlerRunner(
    ConsumerRegistration consumer,
    ConsumerOptions options,
    IServiceScopeFactory scopes,
    string system,
    QueueTelemetry telemetry,
    TimeProvider timeProvider,
    ILogger logger,
    Action servicesGone)
{
    private const string TimedOut = "handler_timeout";

    /// <summary>Handles a message and says what is to become of it. Never throws.</summary>
    /// <returns><see langword="false"/> if the message was given up meanwhile, so that its handler decides nothing any more.</returns>
    public async Task<bool> RunAsync(HeldDelivery held)
    {
        if (held.Token.IsCancellationRequested || held.LeaseEndsAt <= timeProvider.GetTimestamp())
        {
            return held.TryResolve(Resolution.HandBack);
        }

        var isFirst = false;
        Activity? activity = null;
        try
        {
            activity = telemetry.StartProcess(system, held.Claim.Delivery);
            var (resolution, errorType) = await ResolveAsync(held).ConfigureAwait(false);
            isFirst = held.TryResolve(resolution);
            if (isFirst)
            {
                Measure(held, errorType);
            }

            if (errorType is not null)
            {
                activity?.SetStatus(ActivityStatusCode.Error, resolution.Failure?.Reason).SetTag("error.type", errorType);
            }
        }
        catch (Exception exception)
        {
            // A log that throws is no reason to keep the message and its slot for ever.
            isFirst |= held.TryResolve(RetryOf(held, Failure.From(exception)));
            ReportBroken(held, exception);
        }
        finally
        {
            telemetry.End(activity);
        }

        return isFirst;
    }

    /// <summary>Gets what becomes of a message whose handler is not waited for any longer.</summary>
    public Resolution ResolutionWithout(HeldDelivery held) => held.Reason == CutOffReason.TimedOut ? RetryOf(held, Timeout) : Resolution.HandBack;

    /// <summary>Takes note of a message that was given up.</summary>
    public void GaveUp(HeldDelivery held)
    {
        if (held.StartedAt != 0)
        {
            QueueLog.Abandoned(logger, consumer.Topic, held.Claim.Delivery.Message.Id, held.Reason);
            Measure(held, held.Reason == CutOffReason.TimedOut ? TimedOut : null);
        }
    }

    private Failure Timeout => new($"The handler took longer than {options.HandlerTimeout}.", TimedOut);

    private async Task<(Resolution Resolution, string? ErrorType)> ResolveAsync(HeldDelivery held)
    {
        var delivery = held.Claim.Delivery;
        try
        {
            return ResolutionOf(held, await HandleAsync(delivery, held.Token).ConfigureAwait(false));
        }
        catch (Exception exception) when (held.Resolution is not null)
        {
            QueueLog.EndedLate(logger, consumer.Topic, delivery.Message.Id, exception);
            return (Resolution.HandBack, exception.GetType().FullName);
        }
        catch (Exception exception) when (held.Reason != CutOffReason.None)
        {
            QueueLog.CutOff(logger, consumer.Topic, delivery.Message.Id, held.Reason, exception);
            return (ResolutionWithout(held), held.Reason == CutOffReason.TimedOut ? TimedOut : null);
        }
        catch (Exception exception) when (AreServicesGone())
        {
            // The container is being disposed, which is no failure of the message. Whatever comes next would fail as well.
            QueueLog.CutOff(logger, consumer.Topic, delivery.Message.Id, CutOffReason.Stopping, exception);
            servicesGone();
            return (Resolution.HandBack, null);
        }
        catch (Exception exception)
        {
            // Whatever a handler throws is the failure of its message, and of nothing else.
            QueueLog.Failed(logger, consumer.Topic, delivery.Message.Id, delivery.Attempt, exception);
            return (RetryOf(held, Failure.From(exception)), exception.GetType().FullName);
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

    // A container that is being disposed makes no scope any more; what its handlers need may be gone before the queue is told to stop.
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

    // What a handler calls its failures may be any text, and a metric has one series per value of its tags.
    private (Resolution Resolution, string? ErrorType) ResolutionOf(HeldDelivery held, Outcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Done => (Resolution.Done, null),

        // Or else a handler that never ends in time would come again for ever.
        OutcomeKind.Postpone when held.Reason == CutOffReason.TimedOut => (RetryOf(held, Timeout), TimedOut),
        OutcomeKind.Postpone => (Resolution.Postpone(outcome.Delay), null),
        OutcomeKind.Retry => (RetryOf(held, outcome.Failure!), "retry"),
        _ => (Resolution.DeadLetter(outcome.Failure!), "reject"),
    };

    private Resolution RetryOf(HeldDelivery held, Failure failure)
    {
        var attempt = held.Claim.Delivery.Attempt;
        return options.Policy.IsExhausted(consumer.Topic, attempt)
            ? Resolution.DeadLetter(failure)
            : Resolution.Retry(options.Policy.DelayAfter(attempt, Random.Shared.NextDouble()), failure);
    }

    private void Measure(HeldDelivery held, string? errorType) => telemetry.Processed(system, consumer.Topic, timeProvider.GetElapsedTime(held.StartedAt), errorType);

    private void ReportBroken(HeldDelivery held, Exception exception)
    {
        try
        {
            QueueLog.RunnerBroken(logger, consumer.Topic, held.Claim.Delivery.Message.Id, exception);
        }
        catch (Exception)
        {
            // It is the log that is broken: there is nobody left to tell.
        }
    }
}
