using System.Globalization;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>The kernel's view of a process.</summary>
internal static class ProcessTable
{
    /// <summary>Determines whether a process is running: is there, and not merely waiting to be reaped.</summary>
    public static bool IsRunning(string id)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{id}/stat");
            return status[status.LastIndexOf(')')..].Split(' ')[1] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Gets the numbers of the processes, other than this one, that have a text in their environment.</summary>
    public static string[] FindByEnvironment(string text) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(static directory => Path.GetFileName(directory))
            .Where(id => id.All(char.IsAsciiDigit) && id != Environment.ProcessId.ToString(CultureInfo.InvariantCulture) && IsRunning(id) && Has(id, "environ", text)),
    ];

    /// <summary>Determines whether a process was started with an argument.</summary>
    public static bool HasArgument(string id, string argument) => Has(id, "cmdline", $"\0{argument}\0");

    /// <summary>Gets the argument lists of all processes.</summary>
    public static IReadOnlyList<string> CommandLines() => [.. Directory.EnumerateDirectories("/proc").Select(static directory => Read(Path.Combine(directory, "cmdline")).Replace('\0', ' '))];

    private static bool Has(string id, string file, string text) => Read($"/proc/{id}/{file}").Contains(text, StringComparison.Ordinal);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
