namespace BuildRunner.Testing.Tests;

/// <summary>Says what is wrong with a mutant and which case must find it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MutantAttribute(string owner, string mistake) : Attribute
{
    /// <summary>Gets the name of the case.</summary>
    public string Owner { get; } = owner;

    /// <summary>Gets what the runner does wrong, in a line.</summary>
    public string Mistake { get; } = mistake;

    /// <summary>Gets the capabilities that the mutant does not declare.</summary>
    public BuildRunnerCapabilities Without { get; init; }
}
