using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration;

internal sealed class OptionsFailures(string prefix)
{
    private readonly List<string> _failures = [];

    public ValidateOptionsResult Result =>
        _failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_failures);

    public void Add(string failure) => _failures.Add(failure);

    public void Unless(bool isValid, string option, object? value, string expected)
    {
        if (!isValid)
        {
            Add($"{prefix}.{option} is '{value}'; it must be {expected}.");
        }
    }

    public void UnlessBetween(TimeSpan least, TimeSpan most, string option, TimeSpan value, string expected) =>
        Unless(value >= least && value <= most, option, value, expected);
}
