namespace BuildRunner.Queue.Hosting;

/// <summary>Finds at start what would otherwise fail with the first message.</summary>
internal sealed class QueueOptionsValidator(
    IEnumerable<EngineRegistration> engines, IEnumerable<ConsumerRegistration> consumers) : IValidateOptions<QueueOptions>
{
    private const int MaxMaxPayloadBytes = 64 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, QueueOptions options)
    {
        OptionsFailures failures = new(nameof(QueueOptions));
        if (!engines.Any())
        {
            failures.Add("The queue has no database; call one of UseInMemory, UseSqlite, UsePostgreSql and UseMySql "
                + "on what AddQueue or AddBuildOrchestration returns.");
        }

        var topics = consumers.GroupBy(static consumer => consumer.Topic, StringComparer.Ordinal);
        foreach (var topic in topics.Where(static topic => topic.Count() > 1))
        {
            var handlers = string.Join(", ", topic.Select(static consumer => consumer.HandlerType.Name));
            failures.Add($"The topic '{topic.Key}' has {topic.Count()} consumers ({handlers}); call AddConsumer once per topic, "
                + $"and raise {nameof(ConsumerOptions)}.{nameof(ConsumerOptions.Concurrency)} to handle more messages at a time.");
        }

        var (bytes, start) = (options.MaxPayloadBytes, options.StartTimeout);
        failures.UnlessBetween(1, MaxMaxPayloadBytes, nameof(options.MaxPayloadBytes), bytes, $"1 to {MaxMaxPayloadBytes}");
        failures.UnlessBetween(TimeSpan.Zero, TimeSpan.FromHours(1), nameof(options.StartTimeout), start, "zero to 1 hour");
        return failures.Result;
    }
}
