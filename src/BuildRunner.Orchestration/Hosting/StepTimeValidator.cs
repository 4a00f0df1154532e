using BuildRunner.Orchestration.Runners;
using BuildRunner.Queue;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Hosting;

/// <summary>Sees that a handler is not cut off while its calls are in time: what they answer would be lost.</summary>
internal sealed class StepTimeValidator(string topic, string runner, IOptionsMonitor<BuildRunnerOptions> runnerOptions) : IValidateOptions<ConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsumerOptions options)
    {
        if (name != topic)
        {
            return ValidateOptionsResult.Skip;
        }

        var least = RunnerTimes.LongestStep(runnerOptions.Get(runner));
        return options.HandlerTimeout >= least
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"The consumer of '{topic}': {nameof(ConsumerOptions)}.{nameof(options.HandlerTimeout)} is '{options.HandlerTimeout}'; the calls of the runner '{runner}' may take '{least}' together. Leave it as it was set, or lower the time-outs of the runner.");
    }
}
