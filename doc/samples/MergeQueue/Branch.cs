using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Orchestration;

namespace MergeQueue;

/// <summary>A branch that is to land.</summary>
internal sealed class Branch(string name)
{
    private string _line = "";

    public string Name => name;

    /// <summary>Gets or sets the commit that it is at, or with which it has landed.</summary>
    public string CommitId { get; set; } = "";

    public Change Change => GitChange.Create("localhost", "repository", $"refs/heads/{Name}", CommitId);

    public State State { get; private set; } = State.Waiting;

    /// <summary>Finds the commits of the branch that were built.</summary>
    public IEnumerable<string> FindCommits(IEnumerable<Build> builds) => builds.SelectMany(static build => build.Request.Head)
        .Select(static change => change.Uris[0].Split('/'))
        .Where(parts => parts[^2] == Uri.EscapeDataString($"refs/heads/{Name}")).Select(static parts => parts[^1]).Distinct();

    /// <summary>Sets the state, and prints it if it is new.</summary>
    public void Become(State state, string note = "")
    {
        State = state;
        var line = $"{Name,-20} {state.ToString().ToLowerInvariant(),-10} {note.ReplaceLineEndings(", ")}".TrimEnd();
        if (line != _line)
        {
            Console.WriteLine(_line = line);
        }
    }
}
