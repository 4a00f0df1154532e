using Microsoft.Extensions.Options;

namespace BuildRunner.Queue.Hosting;

/// <summary>Finds at start what would otherwise fail with the first message.</summary>
internal sealed class QueueOptionsValidator(
    IEnumerable<EngineRegistration> engines, IEnumerable<ConsumerRegistration> consumers) : IValidateOptions<QueueOptions>
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

        var topics = consumers.GroupBy(static consumer => consumer.Topic, StringComparer.Ordinal);
        foreach (var topic in topics.Where(static topic => topic.Count() > 1))
        {
            var handlers = string.Join(", ", topic.Select(static consumer => consumer.HandlerType.Name));
            yield return $"The topic '{topic.Key}' has {topic.Count()} consumers ({handlers}); call AddConsumer once per topic, "
                + $"and raise {nameof(ConsumerOptions)}.{nameof(ConsumerOptions.Concurrency)} to handle more messages at a time.";
        }

        if (options.MaxPayloadBytes is < 1 or > MaxMaxPayloadSize)
        {
            yield return Failure(nameof(options.MaxPayloadBytes), options.MaxPayloadBytes, $"1 to {MaxMaxPayloadSize}");
        }

        if (options.StartTimeout < TimeSpan.Zero || options.StartTimeout > MaxStartTimeout)
        {
            yield return Failure(nameof(options.StartTimeout), options.StartTimeout, $"zero to {MaxStartTimeout}");
        }
    }

    private static string Failure(string option, object value, string expected) =>
        $"{nameof(QueueOptions)}.{option} is '{value}'; it must be {expected}.";
}
