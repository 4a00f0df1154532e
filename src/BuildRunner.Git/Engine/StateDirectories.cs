using System.Collections.Concurrent;

namespace BuildRunner.Git.Engine;

/// <summary>Keeps the runners of one container from sharing a state directory, where they would also share trigger keys.</summary>
internal sealed class StateDirectories
{
    private readonly ConcurrentDictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">Another runner uses the directory.</exception>
    public void Take(string directory, string name)
    {
        if (_owners.GetOrAdd(directory, name) is var owner && owner != name)
        {
            throw new InvalidOperationException(
                $"The git runners {Describe(owner)} and {Describe(name)} have the same state directory '{directory}'; set "
                + $"{nameof(GitBuildRunnerOptions)}.{nameof(GitBuildRunnerOptions.StateDirectory)} of one of them.");
        }
    }

    private static string Describe(string name) => name.Length == 0 ? "without a key" : $"'{name}'";
}
