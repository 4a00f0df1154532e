namespace BuildRunner.Queue.Hosting;

/// <summary>Collects the options that are out of range.</summary>
internal sealed class OptionRanges(ValidateOptionsResultBuilder errors, string of)
{
    public void Check<T>(string option, T value, T min, T max, string expected)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            errors.AddError($"{of}.{option} is '{value}'; it must be {expected}.");
        }
    }
}
