using Microsoft.Extensions.Options;

namespace BuildRunner.Http.Runners;

internal sealed class HttpBuildRunnerOptionsValidator<TOptions> : IValidateOptions<TOptions>
    where TOptions : HttpBuildRunnerOptions
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        List<string> failures = [.. options.Validate().Select(failure => $"{typeof(TOptions).Name} '{name}': {failure}")];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
