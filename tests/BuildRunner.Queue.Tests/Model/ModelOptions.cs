using System.Globalization;

namespace BuildRunner.Queue.Tests.Model;

/// <summary>The options from the environment.</summary>
internal static class ModelOptions
{
    /// <summary>Gets how many sequences there are to be, or <see langword="null"/> for as many as an engine can do in a few seconds.</summary>
    public static int? Runs => int.TryParse(Environment.GetEnvironmentVariable("MODEL_RUNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var runs) ? runs : null;
}
