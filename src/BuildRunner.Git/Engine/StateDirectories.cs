using System.Collections.Concurrent;

namespace BuildRunner.Git.Engine;

/// <summary>The state directories of the runners of one container, none of which may be that of two: a key of the one would be a key of the other.</summary>
internal sealed class StateDirectories
{
    private readonly ConcurrentDictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">Another runner has it.</exception>
    public void Take(string directory, string name)
    {
        if (_owners.GetOrAdd(directory, name) is var owner && owner != name)
        {
            throw new InvalidOperationException($"The git runners {Describe(owner)} and {Describe(name)} have the same state directory '{directory}'; set {nameof(GitBuildRunnerOptions)}.{nameof(GitBuildRunnerOptions.StateDirectory)} of one of them.");
        }
    }

    private static string Describe(string name) => name.Length == 0 ? "without a key" : $"'{name}'";
}
