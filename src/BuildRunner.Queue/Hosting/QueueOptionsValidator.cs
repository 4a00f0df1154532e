using Microsoft.Extensions.Options;

namespace BuildRunner.Queue.Hosting;

/// <summary>Finds at the start what would otherwise show with the first message.</summary>
internal sealed class QueueOptionsValidator(IEnumerable<EngineRegistration> engines, IEnumerable<ConsumerRegistration> consumers) : IValidateOptions<QueueOptions>
{
    private const int MaxMaxPayloadSize = 64 * 1024 * 1024;

    private static readonly TimeSpan MaxStartTimeout = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, QueueOptions options)
    {
        List<string> failures = [.. FailuresOf(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> FailuresOf(QueueOptions options)
    {
        if (!engines.Any())
        {
            yield return "The queue has no database; call one of UseInMemory, UseSqlite, UsePostgreSql and UseMySql "
                + "on what AddQueue or AddBuildOrchestration returns.";
        }

        foreach (var topic in consumers.GroupBy(static consumer => consumer.Topic, StringComparer.Ordinal).Where(static topic => topic.Count() > 1))
        {
            yield return $"The topic '{topic.Key}' has {topic.Count()} consumers ({string.Join(", ", topic.Select(static consumer => consumer.HandlerType.Name))}); call AddConsumer once per topic, and raise {nameof(ConsumerOptions)}.{nameof(ConsumerOptions.Concurrency)} where one message at a time is not enough.";
        }

        if (options.MaxPayloadBytes is < 1 or > MaxMaxPayloadSize)
        {
            yield return $"{nameof(QueueOptions)}.{nameof(options.MaxPayloadBytes)} is {options.MaxPayloadBytes}; it must be 1 to {MaxMaxPayloadSize}.";
        }

        if (options.StartTimeout < TimeSpan.Zero || options.StartTimeout > MaxStartTimeout)
        {
            yield return $"{nameof(QueueOptions)}.{nameof(options.StartTimeout)} is {options.StartTimeout}; it must be zero to {MaxStartTimeout}.";
        }
    }
}
