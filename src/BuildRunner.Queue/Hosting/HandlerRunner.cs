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
    ILogger logger)
{
    public async Task<Resolution> RunAsync(HeldDelivery held)
    {
        var delivery = held.Claim.Delivery;
        using var activity = telemetry.StartProcess(system, delivery);
        var started = timeProvider.GetTimestamp();
        var resolution = await ResolveAsync(held, delivery).ConfigureAwait(false);
        telemetry.Processed(system, consumer.Topic, timeProvider.GetElapsedTime(started), resolution.Failure is { } failed ? TypeOf(failed) : null);
        if (resolution.Failure is { } failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Reason).SetTag("error.type", TypeOf(failure));
        }

        return resolution;
    }

    private static string TypeOf(Failure failure) => failure.Type.Length > 0 ? failure.Type : "_OTHER";

    private async Task<Resolution> ResolveAsync(HeldDelivery held, Delivery delivery)
    {
        try
        {
            var work = HandleAsync(delivery, held.Token);
            if (work.IsCompleted || await Task.WhenAny(work, held.Abandoned).ConfigureAwait(false) == work)
            {
                return ResolutionOf(delivery, await work.ConfigureAwait(false));
            }

            Log.Abandoned(logger, consumer.Topic, delivery.Message.Id, held.Reason);
            Observe(work);
            return ResolutionOf(delivery, held.Reason);
        }
        catch (Exception exception) when (held.Reason != CutOffReason.None)
        {
            Log.CutOff(logger, consumer.Topic, delivery.Message.Id, held.Reason, exception);
            return ResolutionOf(delivery, held.Reason);
        }
        catch (Exception exception)
        {
            // Whatever a handler throws is the failure of its message, and of nothing else.
            Log.Failed(logger, consumer.Topic, delivery.Message.Id, delivery.Attempt, exception);
            return RetryOf(delivery, Failure.From(exception));
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

    private static void Observe(Task work) =>
        work.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private Resolution ResolutionOf(Delivery delivery, Outcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Done => Resolution.Done,
        OutcomeKind.Postpone => Resolution.Postpone(outcome.Delay),
        OutcomeKind.Retry => RetryOf(delivery, outcome.Failure!),
        _ => Resolution.DeadLetter(outcome.Failure!),
    };

    private Resolution ResolutionOf(Delivery delivery, CutOffReason reason) => reason == CutOffReason.TimedOut
        ? RetryOf(delivery, new Failure($"The handler took longer than {options.HandlerTimeout}.", "handler_timeout"))
        : Resolution.HandBack;

    private Resolution RetryOf(Delivery delivery, Failure failure) => options.Policy.IsExhausted(consumer.Topic, delivery.Attempt)
        ? Resolution.DeadLetter(failure)
        : Resolution.Retry(options.Policy.DelayAfter(delivery.Attempt, Random.Shared.NextDouble()), failure);
}
