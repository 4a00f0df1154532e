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

/// <summary>Creates steps.</summary>
internal static class Step
{
    /// <summary>Creates a step that is wrong, or is not for <see langword="null"/>.</summary>
    public static Step<TState> Of<TState>(string name, TState next, string? violation) => new(name, next) { Violation = violation };

    /// <summary>Creates a step of the adversary, that never has to happen.</summary>
    public static Step<TState> Fault<TState>(string name, TState next) => new(name, next) { IsFault = true };
}
