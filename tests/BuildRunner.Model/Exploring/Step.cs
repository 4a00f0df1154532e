namespace BuildRunner.Model.Exploring;

/// <summary>Represents a step that a model can make.</summary>
/// <param name="Name">What happens, for the traces.</param>
/// <param name="Next">The state after it.</param>
internal readonly record struct Step<TState>(string Name, TState Next)
{
    /// <summary>Gets a value indicating whether the step is one of the adversary, that never has to happen: a crash, a lost answer.</summary>
    public bool IsFault { get; init; }

    /// <summary>Gets what is wrong with the step itself, or <see langword="null"/>.</summary>
    public string? Violation { get; init; }
}
