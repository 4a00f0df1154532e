using BuildRunner.Queue;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Configuration;

/// <summary>Sees that a handler is not cut off while what it calls is in time: what was answered would be lost, and who is called last
/// would never be.</summary>
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
            : ValidateOptionsResult.Fail($"The consumer of '{topic}': {nameof(ConsumerOptions)}.{nameof(options.HandlerTimeout)} is '{options.HandlerTimeout}'; {called} may take '{least}' together. Leave it as it was set, or lower their time-outs.");
    }
}
