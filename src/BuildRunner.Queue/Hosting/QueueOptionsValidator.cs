namespace BuildRunner.Queue.Hosting;

/// <summary>Finds at start what would otherwise fail with the first message.</summary>
internal sealed class QueueOptionsValidator(
    IEnumerable<EngineRegistration> engines, IEnumerable<ConsumerRegistration> consumers) : IValidateOptions<QueueOptions>
{
    private const int MaxMaxPayloadBytes = 64 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, QueueOptions options)
    {
        ValidateOptionsResultBuilder errors = new();
        if (!engines.Any())
        {
            errors.AddError("The queue has no database; call one of UseInMemory, UseSqlite, UsePostgreSql and UseMySql "
                + "on what AddQueue or AddBuildOrchestration returns.");
        }

        var topics = consumers.GroupBy(static consumer => consumer.Topic, StringComparer.Ordinal);
        foreach (var topic in topics.Where(static topic => topic.Count() > 1))
        {
            var handlers = string.Join(", ", topic.Select(static consumer => consumer.HandlerType.Name));
            errors.AddError($"The topic '{topic.Key}' has {topic.Count()} consumers ({handlers}); call AddConsumer once per topic, "
                + $"and raise {nameof(ConsumerOptions)}.{nameof(ConsumerOptions.Concurrency)} to handle more messages at a time.");
        }

        OptionRanges ranges = new(errors, nameof(QueueOptions));
        ranges.Check(nameof(options.MaxPayloadBytes), options.MaxPayloadBytes, 1, MaxMaxPayloadBytes, $"1 to {MaxMaxPayloadBytes}");
        ranges.Check(nameof(options.StartTimeout), options.StartTimeout, TimeSpan.Zero, TimeSpan.FromHours(1), "zero to 1 hour");
        return errors.Build();
    }
}
