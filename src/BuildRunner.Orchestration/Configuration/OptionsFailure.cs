namespace BuildRunner.Orchestration.Configuration;

/// <summary>Formats the failure of an option that is out of range.</summary>
internal static class OptionsFailure
{
    public static IEnumerable<string> Unless(bool isValid, string option, object? value, string expected)
    {
        if (!isValid)
        {
            yield return $"{option} is '{value}'; it must be {expected}.";
        }
    }
}
