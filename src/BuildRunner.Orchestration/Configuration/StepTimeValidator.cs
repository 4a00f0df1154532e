namespace BuildRunner.Orchestration;

/// <summary>Validates that a handler has time for all its calls. Otherwise answers would be lost, and the last would never be
/// called.</summary>
internal sealed class StepTimeValidator(string topic, string called, Func<TimeSpan> longestStep) : IValidateOptions<ConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsumerOptions options)
    {
        if (name != topic)
        {
            return ValidateOptionsResult.Skip;
        }

        var least = longestStep();
        return options.HandlerTimeout >= least
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"The consumer of '{topic}': {nameof(ConsumerOptions)}.{nameof(options.HandlerTimeout)} is '{options.HandlerTimeout}', but "
                + $"{called} may take '{least}' together; leave the default, or lower their timeouts.");
    }
}
