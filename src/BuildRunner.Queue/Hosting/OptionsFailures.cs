namespace BuildRunner.Queue;

/// <summary>Collects the options that are out of range.</summary>
internal sealed class OptionsFailures(string prefix)
{
    private readonly ValidateOptionsResultBuilder _failures = new();

    public ValidateOptionsResult Result => _failures.Build();

    public void Add(string failure) => _failures.AddError(failure);

    public void Unless(bool isValid, string option, object? value, string expected)
    {
        if (!isValid)
        {
            Add($"{prefix}.{option} is '{value}'; it must be {expected}.");
        }
    }

    public void UnlessBetween<T>(T least, T most, string option, T value, string expected)
        where T : IComparable<T> => Unless(value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, option, value, expected);
}
