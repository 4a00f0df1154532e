namespace BuildRunner.Servers;

/// <summary>Finds the programs of a server.</summary>
internal static class ServerBinaries
{
    /// <summary>Finds a program in the directories, or else in those of <c>PATH</c> and in <c>/usr/sbin</c>, which is not in everybody's.</summary>
    /// <exception cref="ServerUnavailableException">It is in none of them.</exception>
    public static string Find(string name, string package, IEnumerable<string> directories)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return directories.Concat(path.Split(':', StringSplitOptions.RemoveEmptyEntries)).Append("/usr/sbin")
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists)
            ?? throw new ServerUnavailableException($"The program '{name}' is not on this machine. Install it: apt-get install {package}.");
    }
}
